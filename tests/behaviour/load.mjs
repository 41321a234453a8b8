// From the text of a file to a program that can be started any number of times.
//
// A program is one function, compiled once, whose free names are looked up in an object given at each start: the
// whole source stands in a `with` over it. So every run gets fresh bindings without the cost of a fresh realm, and
// the free names need not be known in advance. An ES module is turned into the same shape: its imports become
// constants, its exports getters.

import vm from 'node:vm';
import { isModule, moduleStatement, tokenize, topLevelDeclarations } from './lexer.mjs';

/** What a program calls when it has run to its end, to hand over its bindings. Never used by a fixture. */
export const EPILOGUE = '__behaviour_epilogue';
/** What an import becomes. */
export const IMPORT = '__behaviour_import';
/** What every value is assigned to that a `throw` statement throws, so that it can be told from what a callee threw. */
export const THROWN = '__behaviour_thrown';

/** A file that does not compile. */
export class LoadError extends Error {}

/**
 * Compiles a file. `module` is `commonjs`, `esm` or `auto`; a plain script is a CommonJS module without exports.
 * `start(scope)` runs it, and returns a promise if it is a module with `await` at its top level.
 */
export function compile(source, module, filename) {
  const marked = markThrows(source);
  const tokens = tokenize(marked);
  const esm = module === 'esm' || (module !== 'commonjs' && isModule(tokens));
  const rewritten = esm ? rewriteModule(marked, tokens) : { text: blankShebang(marked), exports: '' };
  const declarations = topLevelDeclarations(tokens);
  const top = getters(declarations.map((d) => [d.name, d.name]));
  const epilogue = `;${EPILOGUE}({ top: {${top}}, exports: {${rewritten.exports}} });`;
  const strict = esm ? '"use strict";' : '';
  const text = (async) =>
    `(function (scope) { with (scope) { return ${async}function () {${strict}${rewritten.text}\n${epilogue}\n} } })`;
  const script = compileScript(text, esm, filename);
  const factory = script.factory;
  return {
    source,
    esm,
    tokens,
    declarations,
    text: script.text,
    mayLoop: tokens.some(({ kind, text }) => kind === 'name' && /^(?:for|while|do|forEach|map|reduce)$/.test(text)),
    hasRounds: tokens.some(({ kind, text }) => kind === 'name' && text === 'forEach'),
    // A function of sloppy code that nobody gave a `this` can write to the global object through it.
    canLeak: !esm && /\bthis\b/.test(source),
    start: (scope, self) => Reflect.apply(factory(scope), self, []),
  };
}

function compileScript(text, esm, filename) {
  try {
    return { text: text(''), factory: new vm.Script(text(''), { filename }).runInThisContext() };
  } catch (error) {
    if (!esm) throw new LoadError(`${filename}: ${error.message}`);
  }
  try {
    return { text: text('async '), factory: new vm.Script(text('async '), { filename }).runInThisContext() };
  } catch (error) {
    throw new LoadError(`${filename}: ${error.message}`);
  }
}

/** `throw x` as `throw __behaviour_thrown = x`. */
function markThrows(source) {
  const tokens = tokenize(source);
  const isThrow = (token, i) =>
    token.kind === 'name' && token.text === 'throw' && !/^\??\.$/.test(tokens[i - 1]?.text ?? '') && tokens[i + 1]?.text !== ':';
  let text = source;
  for (const { end } of tokens.filter(isThrow).reverse()) text = `${text.slice(0, end)} ${THROWN} =${text.slice(end)}`;
  return text;
}

function blankShebang(source) {
  return source.startsWith('#!') ? `//${source}` : source;
}

/** An object literal's getters, so that a binding is read when it is asked for and not when it is listed. */
function getters(pairs) {
  return pairs.map(([key, expression]) => `get ${JSON.stringify(key)}() { return ${expression} }`).join(', ');
}

/** Takes the module statements out of a source. */
function rewriteModule(source, tokens) {
  const cuts = [];
  const imports = [];
  const exports = [];
  tokens.forEach((token, index) => {
    const dynamic = token.text === 'import' && token.kind === 'name' && /^[(.]$/.test(tokens[index + 1]?.text ?? '');
    if (dynamic) cuts.push(dynamicImport(tokens, index));
    const statement = moduleStatement(tokens, index);
    if (statement === 'import') cuts.push(importStatement(tokens, index, imports));
    if (statement === 'export') cuts.push(exportStatement(tokens, index, exports));
  });
  let text = source;
  for (const cut of cuts.reverse()) text = text.slice(0, cut.start) + cut.text + text.slice(cut.end);
  return { text: `${imports.join('')}${blankShebang(text)}`, exports: getters(exports) };
}

function dynamicImport(tokens, index) {
  const token = tokens[index];
  if (tokens[index + 1].text === '.') return { start: token.start, end: tokens[index + 2].end, text: '__behaviour_meta' };
  return { start: token.start, end: token.end, text: `(async (x) => ${IMPORT}(x))` };
}

/** The bindings within the braces at `index`, as pairs of the name outside and the name inside. */
function specifiers(tokens, index) {
  const pairs = [];
  let at = index + 1;
  while (tokens[at].text !== '}') {
    const first = tokens[at];
    const renamed = tokens[at + 1].text === 'as';
    pairs.push([first.text, renamed ? tokens[at + 2].text : first.text]);
    at += renamed ? 3 : 1;
    if (tokens[at].text === ',') at++;
  }
  return { pairs, end: at };
}

function importStatement(tokens, index, imports) {
  const from = tokens.findIndex((t, i) => i > index && t.kind === 'string');
  const module = `${IMPORT}(${tokens[from].text})`;
  for (let at = index + 1; at < from; at++) {
    const { kind, text } = tokens[at];
    if (text === '*') {
      imports.push(`const ${tokens[at + 2].text} = ${module};`);
      at += 2;
    } else if (text === '{') {
      const { pairs, end } = specifiers(tokens, at);
      for (const [outside, inside] of pairs) imports.push(`const ${inside} = ${module}[${key(outside)}];`);
      at = end;
    } else if (kind === 'name' && text !== 'from') imports.push(`const ${text} = ${module}.default;`);
  }
  const end = tokens[from + 1]?.text === ';' ? from + 1 : from;
  return { start: tokens[index].start, end: tokens[end].end, text: ';' };
}

function exportStatement(tokens, index, exports) {
  const next = tokens[index + 1];
  if (next.text === '{' || next.text === '*') return exportList(tokens, index, exports);
  if (next.text !== 'default') {
    for (const { index: at, name } of topLevelDeclarations(tokens)) if (at === index + 1) exports.push([name, name]);
    return { start: tokens[index].start, end: next.start, text: '' };
  }
  const named = topLevelDeclarations(tokens).find((d) => d.index === index + 2);
  if (named) {
    exports.push(['default', named.name]);
    return { start: tokens[index].start, end: next.end, text: '' };
  }
  exports.push(['default', '__behaviour_default']);
  return { start: tokens[index].start, end: next.end, text: 'const __behaviour_default =' };
}

function exportList(tokens, index, exports) {
  let end = index + 1;
  let pairs = [];
  if (tokens[end].text === '{') ({ pairs, end } = specifiers(tokens, end));
  else if (tokens[end + 1].text === 'as') pairs = [['*', tokens[(end += 2)].text]];
  let module = '';
  if (tokens[end + 1]?.text === 'from') {
    module = `${IMPORT}(${tokens[end + 2].text})`;
    end += 2;
  }
  for (const [inside, outside] of pairs) {
    exports.push([unquoted(outside), !module ? inside : inside === '*' ? module : `${module}[${key(inside)}]`]);
  }
  if (tokens[end + 1]?.text === ';') end++;
  return { start: tokens[index].start, end: tokens[end].end, text: ';' };
}

function key(name) {
  return /^['"]/.test(name) ? name : JSON.stringify(name);
}

function unquoted(name) {
  return /^['"]/.test(name) ? name.slice(1, -1) : name;
}
