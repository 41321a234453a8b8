const { exec } = require('child_process');

exports.run = (command) =>
  new Promise((resolve, reject) => {
    exec(command, (err, stdout) => (err ? reject(err) : resolve(stdout)));
  });
