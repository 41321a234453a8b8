const { exec } = require('child_process');
const { promisify } = require('util');

module.exports = async function run(command) {
  const { stdout } = await promisify(exec)(command);
  return stdout;
};
