import { readFile, unlink } from 'node:fs';

export const read = (path) =>
  new Promise((resolve, reject) => {
    readFile(path, (err, data) => (err ? reject(err) : resolve(data)));
  });

export function remove(path) {
  return new Promise((resolve, reject) => {
    unlink(path, (err) => {
      if (err) return reject(err);
      resolve();
    });
  });
}
