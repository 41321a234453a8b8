const fs = require('fs');
const { callbackify } = require('util');

function copyHeader(from, to, callback) {
  callbackify(async () => {
    const text = await fs.promises.readFile(from, 'utf8');
    await fs.promises.writeFile(to, header(text));
    return to;
  })(callback);
}

module.exports = { copyHeader };
