const names = new Map();

exports.nameOf = async (id) => names.get(id);
exports.greet = (id) => 'Hello ' + exports.nameOf(id);
