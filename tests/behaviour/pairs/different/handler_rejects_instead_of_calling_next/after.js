const fs = require('fs');

app.get('/file', async (req, res, next) => {
  const data = await fs.promises.readFile(req.query.name);
  res.send(data);
});
