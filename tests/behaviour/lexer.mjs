// A small lexer for JavaScript: enough to find what stands at the top level of a file and the names of a
// function's parameters. The code is compiled by V8 as well, so anything that is not JavaScript is caught there
// and this file need not check.

import { sourceOf } from './summary.mjs';

const SPACE = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)+/y;
const NAME = /[\p{ID_Start}$_#\\][\p{ID_Continue}$\u200c\u200d\\]*/uy;
const NUMBER = /(?:0[xXbBoO][\da-fA-F_]+n?|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?n?)/y;
const STRING = /'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"/y;
const REGEX = /\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[\p{ID_Continue}]*/uy;
const TEMPLATE = /(?:[^\\`$]|\\[^]|\$(?!\{))*(?:`|\$\{)/y;
const PUNCTUATOR = />>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)|\+\+|--|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|<<|>>|\*\*|[^]/y;

/** Keywords after which an expression starts, so that a `/` opens a regular expression. */
const BEFORE_EXPRESSION = new Set(
  'return typeof case in of delete void throw new else do await yield instanceof'.split(' '),
);

/**
 * Splits a source into tokens `{ kind, text, start, end, depth }`, comments and blanks left out. `depth` counts the
 * brackets of any kind around a token; an opening bracket and its closing one have the depth outside them.
 */
export function tokenize(source) {
  const tokens = [];
  const open = [];
  let at = source.startsWith('#!') ? source.indexOf('\n') >>> 0 : 0;
  const match = (pattern) => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const push = (kind, text, depth = open.length) => {
    tokens.push({ kind, text, start: at, end: at + text.length, depth });
    at += text.length;
  };
  const template = (prefix) => {
    TEMPLATE.lastIndex = at + prefix;
    const text = source.slice(at, at + prefix) + (TEMPLATE.exec(source)?.[0] ?? source.slice(at + prefix));
    push('template', text);
    if (text.endsWith('${') && !text.endsWith('\\${')) open.push('${');
  };
  while (at < source.length) {
    const space = match(SPACE);
    if (space) {
      at += space.length;
      continue;
    }
    const char = source[at];
    let text;
    if (char === '`') template(1);
    else if (char === '}' && open.at(-1) === '${') open.pop(), template(1);
    else if ((text = match(NAME))) push('name', text);
    else if ((text = match(STRING))) push('string', text);
    else if (/[\d.]/.test(char) && (text = match(NUMBER))) push('number', text);
    else if (char === '/' && startsExpression(tokens) && (text = match(REGEX))) push('regex', text);
    else bracketOrPunctuator(match(PUNCTUATOR), open, push);
  }
  return tokens;
}

function bracketOrPunctuator(text, open, push) {
  if (')]}'.includes(text)) open.pop();
  push('punct', text);
  if ('([{'.includes(text)) open.push(text);
}

/** Whether the next token starts an expression. After `)` this is decided by what the parentheses belong to. */
function startsExpression(tokens) {
  const last = tokens.at(-1);
  if (!last || last.kind === 'punct' || last.text.endsWith('${')) {
    if (last?.text === ']') return false;
    return last?.text !== ')' || /^(?:if|while|for|with)$/.test(beforeParentheses(tokens)?.text ?? '');
  }
  return last.kind === 'name' && BEFORE_EXPRESSION.has(last.text);
}

function beforeParentheses(tokens) {
  const depth = tokens.at(-1).depth;
  const open = tokens.findLastIndex((t, i) => i < tokens.length - 1 && t.depth === depth && t.text === '(');
  return tokens[open - 1];
}

/** The tokens that a cursor at `index` stands before, up to the bracket that closes the one at `index`. */
export function closing(tokens, index) {
  const { depth } = tokens[index];
  let at = index + 1;
  while (at < tokens.length && !(tokens[at].depth === depth && /^[)\]}]$/.test(tokens[at].text))) at++;
  return at;
}

/** Splits tokens at the commas of the given depth. */
function atCommas(tokens, depth) {
  const parts = [[]];
  for (const token of tokens) {
    if (token.depth === depth && token.text === ',') parts.push([]);
    else parts.at(-1).push(token);
  }
  return parts.filter((part) => part.length > 0);
}

const parameterCache = new Map();

/**
 * The parameters of a function from its own text: `[{ name, rest, optional }]`, where a destructured parameter has
 * no name. A function of the engine, whose text is not known, has as many nameless ones as its `length` says.
 */
export function parametersOf(fn) {
  const text = sourceOf(fn);
  if (text.endsWith('{ [native code] }')) return Array.from({ length: fn.length }, () => ({}));
  if (!parameterCache.has(text)) parameterCache.set(text, parametersIn(text));
  return parameterCache.get(text);
}

/** Whether a function is a web framework's handler by its parameters: `(req, res)`, `(err, req, res, next)`. */
export function isRouteHandler(fn) {
  const names = parametersOf(fn).map(({ name }) => (name ?? '').replace(/^_+/, ''));
  const [request, response] = /^(e|err|error)$/.test(names[0]) ? names.slice(1) : names;
  return /^req(uest)?$/.test(request) && /^res(p|ponse)?$/.test(response);
}

function parametersIn(text) {
  let tokens = tokenize(text);
  if (tokens[0]?.text === 'class') {
    const at = tokens.findIndex((t, i) => t.depth === 1 && t.text === 'constructor' && tokens[i + 1]?.text === '(');
    if (at < 0) return [];
    tokens = tokens.slice(at);
  }
  const arrow = tokens.findIndex((t) => t.text === '=>');
  const bare = tokens[arrow - 1];
  if (arrow > 0 && bare.kind === 'name' && arrow <= 2) return [{ name: bare.text }];
  const depth = tokens[0].depth;
  const open = tokens.findIndex((t) => t.text === '(' && t.depth === depth);
  if (open < 0) return [];
  const inside = tokens.slice(open + 1, closing(tokens, open));
  return atCommas(inside, depth + 1).map((part) => {
    const rest = part[0].text === '...';
    const [first, second] = rest ? part.slice(1) : part;
    const name = first.kind === 'name' ? first.text : undefined;
    return { name, rest, optional: second?.text === '=' || part.some((t) => t.depth === depth + 1 && t.text === '=') };
  });
}

/** The names that the declaration starting at `index` declares, and the index of the token after its last name. */
function declaredNames(tokens, index) {
  let at = index;
  while (/^(?:async|function|\*)$/.test(tokens[at]?.text ?? '') || tokens[at]?.text === 'class') at++;
  if (at > index) return tokens[at]?.kind === 'name' && tokens[at].text !== 'extends' ? [tokens[at].text] : [];
  const names = [];
  const depth = tokens[index].depth;
  let expectsName = true;
  for (at = index + 1; at < tokens.length; at++) {
    const token = tokens[at];
    if (token.depth > depth || /^[)\]}]$/.test(token.text)) continue;
    if (expectsName && token.kind === 'name') names.push(token.text);
    expectsName = token.text === ',';
    if (token.text === ';' || (!expectsName && startsStatement(tokens, at))) break;
  }
  return names;
}

/** Whether a token is a keyword that only a statement starts with; it ends a declaration without a semicolon. */
function startsStatement(tokens, at) {
  const token = tokens[at];
  if (tokens[at - 1]?.text === '.' || tokens[at - 1]?.text === '=') return false;
  return token.kind === 'name' && /^(?:const|let|var|export|import|return|if|for|while|throw|try)$/.test(token.text);
}

/** What a file declares at its top level: `[{ kind, name, index }]`, kind being `function`, `class`, `const`, … */
export function topLevelDeclarations(tokens) {
  const found = [];
  tokens.forEach((token, index) => {
    if (token.depth > 0 || token.kind !== 'name' || tokens[index - 1]?.text === '.') return;
    if (!/^(?:async|function|class|const|let|var)$/.test(token.text)) return;
    if (token.text === 'async' && tokens[index + 1]?.text !== 'function') return;
    if (token.text === 'function' && tokens[index - 1]?.text === 'async') return;
    if (/^(?:async|function|class)$/.test(token.text) && !isStatementStart(tokens, index)) return;
    const kind = token.text === 'async' ? 'function' : token.text;
    for (const name of declaredNames(tokens, index)) found.push({ kind, name, index });
  });
  return found;
}

/** Whether the token at `index` can be the first of a statement, as opposed to being within an expression. */
function isStatementStart(tokens, index) {
  const before = tokens[index - 1];
  if (!before || /^[;})]$/.test(before.text)) return true;
  if (/^(?:export|default)$/.test(before.text)) return true;
  return before.kind !== 'punct' && !BEFORE_EXPRESSION.has(before.text) && before.text !== 'async';
}

/** Whether a file is an ES module: only a module has `import` or `export` statements. */
export function isModule(tokens) {
  return tokens.some((t, i) => t.depth === 0 && moduleStatement(tokens, i));
}

/** `import` or `export` where the token at `index` starts such a statement. */
export function moduleStatement(tokens, index) {
  const { kind, text, depth } = tokens[index];
  if (kind !== 'name' || depth > 0 || tokens[index - 1]?.text === '.') return undefined;
  if (text === 'export' && /^(?:[{*]|default|const|let|var|function|class|async)$/.test(tokens[index + 1]?.text)) return text;
  return text === 'import' && !/^[(.]$/.test(tokens[index + 1]?.text ?? '') ? text : undefined;
}

/** The names of the async functions in a file, however they got them, and how many there are without a name. */
export function asyncFunctions(tokens) {
  const names = new Set();
  let nameless = 0;
  tokens.forEach((token, i) => {
    if (token.text !== 'async' || token.kind !== 'name') return;
    const [before, named] = [tokens[i - 1]?.text, tokens[i + 1]?.text === 'function' ? tokens[i + 2] : tokens[i + 1]];
    const assigned = (before === '=' || before === ':') && tokens[i - 2]?.kind === 'name';
    if (assigned) names.add(tokens[i - 2].text);
    else if (named?.kind === 'name' && named.text !== 'of') names.add(named.text);
    if (!assigned && (named?.text === '(' || tokens[i + 2]?.text === '=>')) nameless++;
  });
  return { names, nameless };
}

/** In a hint: a value of no particular kind. */
export const ANY = Symbol('any');

/** In hints: the name of every property whose name is computed. */
export const COMPUTED = '[…]';

/**
 * What the code compares and tests properties against, so that both branches can be taken: a map from a property's
 * name to the values worth trying. `errors` has those read from a variable that is named like an error.
 */
export function hintsOf(tokens) {
  const values = new Map();
  const errors = new Map();
  const cases = casesOf(tokens);
  const add = (map, name, value) => map.set(name, (map.get(name) ?? new Set()).add(value));
  tokens.forEach((token, i) => {
    if (token.text === ']' && isTested(tokens, i)) add(values, COMPUTED, undefined);
    if (token.kind !== 'name' || !/^\??\.$/.test(tokens[i - 1]?.text ?? '')) return;
    const [next, literal] = [tokens[i + 1], tokens[i + 2]];
    const root = tokens[i - 2]?.text ?? '';
    const target = /^(?:e|er|err|error|ex|exception|cause)$/i.test(root) ? errors : values;
    if (/^(?:[!=]==?|[<>]=?)$/.test(next?.text ?? '') && /^(?:string|number)$/.test(literal?.kind)) {
      literalsFor(next.text, literal).forEach((value) => add(target, token.text, value));
    } else if (next?.text === ')' && isSwitched(tokens, i)) {
      for (const value of cases) add(target, token.text, value);
    } else if (isTested(tokens, i)) add(target, token.text, undefined);
    else if (target === errors && !/^(?:message|name|stack|cause|toString|code)$/.test(token.text)) add(errors, token.text, ANY);
  });
  return { values, errors };
}

/** The literals of all `case`s in a file, whichever `switch` they belong to. */
function casesOf(tokens) {
  const literals = tokens.filter((t, i) => tokens[i - 1]?.text === 'case' && /^(?:string|number)$/.test(t.kind));
  return literals.map((t) => literalsFor('===', t)[0]);
}

/** The index of the first token of the property chain that ends at `index`. */
function chainStart(tokens, index) {
  let first = index;
  for (;;) {
    if (tokens[first].text === ']') {
      const { depth } = tokens[first];
      first = tokens.findLastIndex((t, i) => i < first && t.text === '[' && t.depth === depth) - 1;
    } else if (/^\??\.$/.test(tokens[first - 1]?.text ?? '')) first -= 2;
    else return first;
    if (first < 0) return 0;
  }
}

function isSwitched(tokens, index) {
  const first = chainStart(tokens, index);
  return tokens[first - 1]?.text === '(' && tokens[first - 2]?.text === 'switch';
}

function literalsFor(operator, literal) {
  if (literal.kind === 'string') return [literal.text.slice(1, -1)];
  const number = Number(literal.text.replaceAll('_', '').replace(/n$/, ''));
  return /^[<>]/.test(operator) ? [number - 1, number + 1] : [number];
}

/** Whether the property read at `index` is used as a condition. */
function isTested(tokens, index) {
  const after = tokens[index + 1]?.text;
  if (after === '?' || after === '&&' || after === '||' || after === '??') return true;
  if (after !== ')') return false;
  const first = chainStart(tokens, index);
  const before = tokens[first - 1]?.text;
  return before === '!' || before === '&&' || before === '||' || (before === '(' && /^(?:if|while)$/.test(tokens[first - 2]?.text));
}

/** The properties of `this` that a source reads but never assigns: somebody else provides them. */
export function providedByThis(source) {
  const aliases = [...source.matchAll(/([\w$]+)\s*=\s*this\s*[;\n,]/g)].map(([, name]) => name.replaceAll('$', '\\$'));
  const self = `(?<![\\w$.])(?:${['this', ...aliases].join('|')})`;
  const read = [...source.matchAll(new RegExp(`${self}\\.([\\w$]+)`, 'g'))].map(([, name]) => name);
  const isSet = (name) => new RegExp(`${self}\\.${name.replaceAll('$', '\\$')}\\s*(?:[-+*|&?]{0,2}=[^=]|\\+\\+|--)`).test(source);
  return new Set(read.filter((name) => !isSet(name)));
}
