exports.visit = (id) => {
  audit(id).catch((err) => report(err));
  return getUser(id);
};
