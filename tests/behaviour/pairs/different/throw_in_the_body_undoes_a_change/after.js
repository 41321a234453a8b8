const fs = require('fs');

exports.load = async function (file) {
  let text = 'none';
  try {
    const data = await fs.promises.readFile(file);
    const value = JSON.parse(data);
    text = data;
    return value;
  } catch {
    log(text);
  }
};
