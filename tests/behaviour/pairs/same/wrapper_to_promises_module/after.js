import { readFile, unlink } from 'node:fs/promises';

export const read = (path) => readFile(path);

export function remove(path) {
  return unlink(path);
}
