const { exec } = require('child_process');
const { promisify } = require('util');

exports.run = (command) => promisify(exec)(command);
