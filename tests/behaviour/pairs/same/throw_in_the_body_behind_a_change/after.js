const fs = require('fs');

exports.load = async function (file) {
  let text = 'none';
  try {
    const data = await fs.promises.readFile(file);
    text = data;
    return JSON.parse(data);
  } catch {
    log(text);
  }
};
