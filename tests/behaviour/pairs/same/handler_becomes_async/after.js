const fs = require('fs');

app.get('/file', async (req, res, next) => {
  try {
    const data = await fs.promises.readFile(req.query.name);
    res.send(data);
  } catch (err) {
    next(err);
  }
});
