/**
 * Reads the facts that the rules of the house are about out of TypeScript sources, with TypeScript's own parser, so that
 * a word inside a string, a comment or a regular expression is never taken for code.
 */
import {
  isArrowFunction,
  isCallExpression,
  isEnumDeclaration,
  isExportAssignment,
  isExportDeclaration,
  isFunctionLikeDeclaration,
  isIdentifier,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isModuleDeclaration,
  isNamedImports,
  isNewExpression,
  isNoSubstitutionTemplateLiteral,
  isParameterDeclaration,
  isPropertyAccessExpression,
  isRegularExpressionLiteral,
  isStringLiteral,
  isTemplateExpression,
  isVariableDeclaration,
  isVariableStatement,
  type Node,
  NodeFlags,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

/** One import or re-export; `typeOnly` means that nothing of it is left at run time. */
export interface ImportFact {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly line: number;
}

export interface FunctionFact {
  readonly name: string;
  readonly line: number;
  readonly lineCount: number;
  readonly parameterCount: number;
  readonly exported: boolean;
}

/** Something found at a line: the name of a global that is used, or of a thing the house does without. */
export interface Sighting {
  readonly what: string;
  readonly line: number;
}

export interface SourceFacts {
  readonly path: string;
  readonly text: string;
  readonly lineCount: number;
  readonly imports: readonly ImportFact[];
  readonly functions: readonly FunctionFact[];
  /** Uses of globals that reach outside: `Date.now`, `new Date()`, `setTimeout`, `process` … */
  readonly globals: readonly Sighting[];
  /** `any`, enum, namespace, default export, module-global state. */
  readonly holes: readonly Sighting[];
  /** The text with strings, templates and regular expressions blanked, so that only code and comments are left. */
  readonly bare: string;
}

const outsideGlobals: ReadonlySet<string> = new Set([
  'process',
  'console',
  'performance',
  'crypto',
  'fetch',
  'globalThis',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'WebSocket',
]);

/** TypeScript's parser, as a child process that ends with this one. */
export interface Parser {
  /** Parses all sources at once (path to text) and gives the facts of each, in the order of the paths. */
  read(sources: ReadonlyMap<string, string>): readonly SourceFacts[];
  close(): void;
}

/** Starts the parser. It sees nothing but the sources it is given: its file system is a map. */
export function openParser(): Parser {
  const files = new Map<string, string>();
  const api = new API({
    cwd: '/house',
    fs: {
      readFile: (path) => files.get(path) ?? null,
      fileExists: (path) => files.has(path),
      directoryExists: (folder) => [...files.keys()].some((path) => path.startsWith(`${folder}/`)),
      getAccessibleEntries: () => ({ files: [], directories: [] }),
      realpath: (path) => path,
    },
  });
  let houseCount = 0;
  return {
    read(sources) {
      houseCount += 1;
      const top = `/house-${houseCount}`;
      const config = `${top}/tsconfig.json`;
      const compilerOptions = { noLib: true, noResolve: true, types: [], module: 'nodenext', target: 'es2024' };
      files.set(config, JSON.stringify({ compilerOptions, files: [...sources.keys()] }));
      for (const [path, text] of sources) files.set(`${top}/${path}`, text);
      const snapshot = api.updateSnapshot({ openProjects: [config] });
      const program = snapshot.getProject(config)?.program;
      return [...sources].map(([path, text]) => {
        const parsed = program?.getSourceFile(`${top}/${path}`);
        if (parsed === undefined) throw new Error(`${path} cannot be parsed`);
        return factsOf({ path, text, parsed });
      });
    },
    close: () => api.close(),
  };
}

interface Parsed {
  readonly path: string;
  readonly text: string;
  readonly parsed: SourceFile;
}

function factsOf({ path, text, parsed }: Parsed): SourceFacts {
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map((newline) => newline.index + 1)];
  const lineAt = (offset: number): number => lineStarts.findLastIndex((start) => start <= offset) + 1;
  const nodes: Node[] = [];
  const collect = (node: Node): void => {
    nodes.push(node);
    node.forEachChild(collect);
  };
  collect(parsed);
  const declared = declaredNames(nodes);
  const line = (node: Node): number => lineAt(node.getStart(parsed));
  return {
    path,
    text,
    lineCount: text.endsWith('\n') ? lineStarts.length - 1 : lineStarts.length,
    imports: nodes.flatMap((node) => importOf(node, line(node))),
    functions: nodes.flatMap((node) => functionOf(node, line(node), lineAt(node.getEnd()))),
    globals: nodes.flatMap((node) => globalOf(node, declared).map((what) => ({ what, line: line(node) }))),
    holes: nodes.flatMap((node) => holeOf(node).map((what) => ({ what, line: line(node) }))),
    bare: blankLiterals(text, nodes, parsed),
  };
}

/** Every name the file itself declares or imports: a parameter called `process` is no use of the global. */
function declaredNames(nodes: readonly Node[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of nodes) {
    if (!isIdentifier(node) || isPropertyAccessExpression(node.parent)) continue;
    if ((node.parent as { readonly name?: Node }).name === node && !isMemberName(node.parent)) names.add(node.text);
  }
  return names;
}

/** True where a name is a member's and no binding: `{ process: 1 }`, `interface X { fetch(): void }`. */
function isMemberName(owner: Node): boolean {
  return [
    SyntaxKind.PropertyAssignment,
    SyntaxKind.PropertySignature,
    SyntaxKind.PropertyDeclaration,
    SyntaxKind.MethodDeclaration,
    SyntaxKind.MethodSignature,
    SyntaxKind.ShorthandPropertyAssignment,
  ].includes(owner.kind);
}

function importOf(node: Node, line: number): readonly ImportFact[] {
  if (isImportDeclaration(node) && isStringLiteral(node.moduleSpecifier)) {
    const clause = node.importClause;
    const bindings = clause?.namedBindings;
    const allTypes =
      bindings !== undefined && isNamedImports(bindings) && bindings.elements.every((element) => element.isTypeOnly);
    const typeOnly =
      clause !== undefined &&
      (clause.phaseModifier === SyntaxKind.TypeKeyword || (clause.name === undefined && allTypes));
    return [{ specifier: node.moduleSpecifier.text, typeOnly, line }];
  }
  if (isExportDeclaration(node) && node.moduleSpecifier !== undefined && isStringLiteral(node.moduleSpecifier)) {
    return [{ specifier: node.moduleSpecifier.text, typeOnly: node.isTypeOnly, line }];
  }
  if (isImportTypeNode(node) && isLiteralTypeNode(node.argument) && isStringLiteral(node.argument.literal)) {
    return [{ specifier: node.argument.literal.text, typeOnly: true, line }];
  }
  if (isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword) {
    const first = node.arguments[0];
    return [{ specifier: first !== undefined && isStringLiteral(first) ? first.text : '?', typeOnly: false, line }];
  }
  return [];
}

function functionOf(node: Node, line: number, endLine: number): readonly FunctionFact[] {
  if (!isFunctionLikeDeclaration(node) || node.body === undefined || isSuite(node)) return [];
  // A callback has the parameters its caller gives it; only a function of our own can have too many.
  const isCallback = isCallExpression(node.parent) && (node.parent.arguments as readonly Node[]).includes(node);
  const parameters = node.parameters.filter((one) => !(isIdentifier(one.name) && one.name.text === 'this'));
  const own = (node as { readonly name?: Node }).name;
  const named = own ?? (isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  const statement = isVariableDeclaration(node.parent) ? node.parent.parent.parent : node;
  const modifiers = (statement as { readonly modifiers?: readonly Node[] }).modifiers ?? [];
  return [
    {
      name: named !== undefined && isIdentifier(named) ? named.text : `(line ${line})`,
      line,
      lineCount: endLine - line + 1,
      parameterCount: isCallback ? 0 : parameters.length,
      exported: modifiers.some((modifier) => modifier.kind === SyntaxKind.ExportKeyword),
    },
  ];
}

const chapterWords: ReadonlySet<string> = new Set(['describe', 'test', 'it']);

/** A function that holds tests is a chapter of a book, not a function; the tests in it are judged one by one. */
function isSuite(node: Node): boolean {
  if (isArrowFunction(node) && isCallExpression(node.parent) && rootOfCall(node.parent) === 'describe') return true;
  let found = false;
  const look = (inner: Node): void => {
    if (isCallExpression(inner) && chapterWords.has(rootOfCall(inner))) found = true;
    if (!found) inner.forEachChild(look);
  };
  node.forEachChild(look);
  return found;
}

/** `test` for `test.skipIf(condition)(name, body)`. */
function rootOfCall(call: Node): string {
  let called = call;
  while (isCallExpression(called) || isPropertyAccessExpression(called)) called = called.expression;
  return isIdentifier(called) ? called.text : '';
}

function globalOf(node: Node, declared: ReadonlySet<string>): readonly string[] {
  if (!isIdentifier(node) || declared.has(node.text)) return [];
  const parent = node.parent;
  if (parent.kind === SyntaxKind.ImportSpecifier) return [];
  const isName = (parent as { readonly name?: Node }).name === node;
  if (isName && parent.kind !== SyntaxKind.ShorthandPropertyAssignment) return [];
  if (outsideGlobals.has(node.text)) return [node.text];
  if (isPropertyAccessExpression(parent)) {
    const whole = `${node.text}.${parent.name.text}`;
    return ['Date.now', 'Math.random', 'AbortSignal.timeout', 'Temporal.Now'].includes(whole) ? [whole] : [];
  }
  if (node.text !== 'Date') return [];
  if (isNewExpression(parent) && (parent.arguments?.length ?? 0) === 0) return ['new Date()'];
  return isCallExpression(parent) && parent.expression === node ? ['Date()'] : [];
}

function holeOf(node: Node): readonly string[] {
  if (node.kind === SyntaxKind.AnyKeyword) return ['any'];
  if (isEnumDeclaration(node)) return ['enum'];
  if (isModuleDeclaration(node)) return ['namespace'];
  if (isExportAssignment(node) || (node.kind === SyntaxKind.DefaultKeyword && !isClause(node.parent))) {
    return ['default export'];
  }
  if (isExportDeclaration(node) && /\bas\s+default\b/.test(node.getText())) return ['default export'];
  if (isParameterDeclaration(node) && (node.modifiers?.length ?? 0) > 0) return ['parameter property'];
  if (isVariableStatement(node) && node.parent.kind === SyntaxKind.SourceFile) return moduleState(node);
  return [];
}

function isClause(node: Node): boolean {
  return node.kind === SyntaxKind.DefaultClause;
}

/** `let` at the top of a module, or a collection that starts empty and so is meant to be filled. */
function moduleState(statement: Node & { readonly declarationList: Node }): readonly string[] {
  const list = statement.declarationList as Node & {
    readonly declarations: readonly { initializer?: Node; type?: Node }[];
  };
  if ((list.flags & (NodeFlags.Const | NodeFlags.Using)) === 0) return ['module-global state'];
  const filledLater = list.declarations.some(({ initializer, type }) => {
    // An empty collection that nobody can add to is a table without rows.
    if (type?.getText().startsWith('Readonly')) return false;
    if (initializer === undefined || !isNewExpression(initializer) || !isIdentifier(initializer.expression))
      return false;
    const isCollection = ['Map', 'Set', 'WeakMap', 'WeakSet'].includes(initializer.expression.text);
    return isCollection && (initializer.arguments?.length ?? 0) === 0;
  });
  return filledLater ? ['module-global state'] : [];
}

function blankLiterals(text: string, nodes: readonly Node[], parsed: SourceFile): string {
  let bare = text;
  for (const node of nodes) {
    const isLiteral =
      isStringLiteral(node) ||
      isNoSubstitutionTemplateLiteral(node) ||
      isRegularExpressionLiteral(node) ||
      isTemplateExpression(node);
    if (!isLiteral) continue;
    const start = node.getStart(parsed);
    const blank = text.slice(start, node.getEnd()).replaceAll(/[^\n]/g, ' ');
    bare = bare.slice(0, start) + blank + bare.slice(node.getEnd());
  }
  return bare;
}
