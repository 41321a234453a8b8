// behaviour: overlap
// behaviour: steady *
let last = 'none';

exports.load = async function (keys) {
  const total = [];
  for (const key of keys) {
    last = key;
    total.push(await read(key));
  }
  return total;
};
