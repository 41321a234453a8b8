// Where in the code under test a stub is being called from.

/** More than the harness itself ever has on the stack above the code under test. */
const DEPTH = 12;

/**
 * The topmost frame that stands in one of the given files (a map from a file's name to its lines), as
 * `{ name, rest, called }`: the function's name, the text from there to the end of the next line, and whether it was called by other
 * code in the files. Nothing if the engine called and no file's code did.
 */
export function topmostFrame(files) {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder = {};
  Error.stackTraceLimit = DEPTH;
  Error.prepareStackTrace = (_, frames) => frames;
  Error.captureStackTrace(holder);
  const [frame, caller] = holder.stack.filter((f) => files.has(f.getFileName()));
  Error.prepareStackTrace = prepareStackTrace;
  Error.stackTraceLimit = stackTraceLimit;
  if (!frame) return undefined;
  const row = frame.getLineNumber();
  const text = files.get(frame.getFileName()).slice(row - 1, row + 1).join('\n');
  return { name: frame.getFunctionName(), rest: text.slice(frame.getColumnNumber() - 1), called: caller !== undefined };
}
