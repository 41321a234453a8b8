// How the code of a function may end, as far as its tokens show.

import { closing, tokenize } from './lexer.mjs';
import { sourceOf } from './summary.mjs';

const cache = new Map();

/** Whether there is a way to the end of a function's body, past every `return` and `throw`. */
export function fallsThrough(fn) {
  const text = sourceOf(fn);
  if (!cache.has(text)) cache.set(text, bodyFallsThrough(withLines(text)));
  return cache.get(text);
}

/** The tokens of a text, each with whether it begins a line. */
function withLines(text) {
  const tokens = tokenize(text);
  const follows = ({ start }, before) => before !== undefined && text.slice(before.end, start).includes('\n');
  return tokens.map((token, i) => ({ ...token, beginsLine: follows(token, tokens[i - 1]) }));
}

function bodyFallsThrough(tokens) {
  const open = tokens.findIndex(({ text, depth }, i) => text === '{' && depth === 0 && /^(?:\)|=>)$/.test(tokens[i - 1]?.text));
  return open >= 0 && closing(tokens, open) === tokens.length - 1 && reachesEnd(tokens.slice(open + 1, -1));
}

/** Whether a list of statements has a way to its end. */
function reachesEnd(list) {
  for (let at = 0; at < list.length; at++) {
    const { text, depth, kind } = list[at];
    if (depth !== list[0].depth || kind !== 'name') continue;
    if (/^(?:return|throw)$/.test(text)) return false;
    if (text !== 'if') continue;
    const [reaches, next] = branches(list, at);
    if (!reaches) return false;
    at = next - 1;
  }
  return true;
}

/** Whether the `if` at `at` has a way past it, and the index of what follows it. */
function branches(list, at) {
  const [first, next] = branch(list, closing(list, at + 1) + 1);
  if (list[next]?.text !== 'else') return [true, next];
  const [second, end] = list[next + 1]?.text === 'if' ? branches(list, next + 1) : branch(list, next + 1);
  return [first || second, end];
}

/** Where another statement begins that has no semicolon in front: a name behind a name, number or string, or behind a bracket. */
const isNext = (list, at) => list[at].beginsLine && list[at].kind === 'name' && (list[at - 1].kind !== 'punct' || /[)\]}]/.test(list[at - 1].text));

/**
 * A block, or a statement as far as it goes: what is no block is taken to end with its semicolon, before an `else`, or with a line
 * that has come to an end.
 */
function branch(list, at) {
  if (list[at]?.text === '{') {
    const end = closing(list, at);
    return [reachesEnd(list.slice(at + 1, end)), end + 1];
  }
  const { depth } = list[0];
  let end = at;
  const isEnd = (i) => list[i].depth === depth && (/^(?:;|else)$/.test(list[i].text) || (i > at && isNext(list, i)));
  while (end < list.length && !isEnd(end)) end++;
  return [!/^(?:return|throw)$/.test(list[at]?.text), end + (list[end]?.text === ';' ? 1 : 0)];
}
