const names = new Map();

exports.nameOf = (id) => names.get(id);
exports.greet = (id) => 'Hello ' + exports.nameOf(id);
