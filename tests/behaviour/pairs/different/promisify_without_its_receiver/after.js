const db = require('./db');
const { promisify } = require('util');

exports.find = (id) => promisify(db.find)(id);
