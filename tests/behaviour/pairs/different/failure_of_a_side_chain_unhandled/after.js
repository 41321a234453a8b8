exports.visit = (id) => {
  audit(id);
  return getUser(id);
};
