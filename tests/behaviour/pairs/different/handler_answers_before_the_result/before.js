const fs = require('fs');

app.get('/file', (req, res, next) => {
  fs.readFile(req.query.name, (err, data) => {
    if (err) return next(err);
    res.send(data);
  });
});
