/** What stands between a screen's call and the handler that does it: shape, log-on, and one way to say what went wrong. */
import { createJSONRPCErrorResponse, type JSONRPCErrorResponse, JSONRPCServer } from 'json-rpc-2.0';
import type { z } from 'zod';
import { type Gives, type MethodName, methods, type PersonView } from '../../console/contract.ts';
import { type Fault, type FaultCode, HitlineError, makeFault } from '../../faults/fault.ts';
import { fieldRow } from '../../formats/language.ts';
import type { Ids } from '../../host/ids.ts';
import { type Log, placeOf } from '../../host/log.ts';

/** One screen as a handler sees it, at the moment of the call. */
export interface ConsoleSession {
  readonly id: string;
  readonly consoleId: string;
  /** Who is logged on, or null. */
  readonly person: PersonView | null;
  /** What attempts and acts are filed under: the console's id. */
  readonly device: string;
  /** When the connection was made, in milliseconds since 1970. */
  readonly sinceMs: number;
}

/** A session with a person on it; every handler but `status` gets one. */
export type SeatedSession = ConsoleSession & { readonly person: PersonView };

/** What the door does itself. */
export type DoorMethod = 'hello' | 'logon' | 'logoff' | 'unlock';
/** What the gateway does; `hello` is answered by `status`. */
export type HandledMethod = Exclude<MethodName, DoorMethod>;
/** What a method takes, as its handler gets it. */
export type Params<M extends MethodName> = z.output<(typeof methods)[M]['takes']>;

/**
 * One handler for each method. It returns what the contract says, or throws a HitlineError whose code and faults go to
 * the screen; anything else it throws becomes INTERNAL with an id, under which the log says where.
 */
export type Handlers = {
  readonly [M in HandledMethod]: (
    params: Params<M>,
    session: M extends 'status' ? ConsoleSession : SeatedSession,
  ) => Promise<Gives<M>>;
};

/** A connection, as the door keeps it. */
export interface Caller {
  /** Undefined before hello. */
  session(): ConsoleSession | undefined;
  /** A person has done something: puts the idle log-off back. */
  touch(): void;
}

/** A call that never came to its handler: the wrong shape, nobody logged on, no such method. */
export interface CallRefused {
  readonly code: FaultCode;
  /** Undefined when the contract has no such method: what was asked for instead may be any word. */
  readonly method?: MethodName;
}

export interface CallOptions<C extends Caller> {
  readonly handlers: Handlers;
  readonly log: Log;
  readonly ids: Ids;
  /** Hears of each call that is refused before its handler sees it. */
  readonly onRefused?: (caller: C, refused: CallRefused) => void;
  /** The door's own methods. */
  readonly door: { readonly [M in DoorMethod]: (params: Params<M>, caller: C) => Promise<Gives<M>> };
}

/** Allowed before log-on (CJIS AC-14: what can be done without one is listed). */
const openMethods: ReadonlySet<string> = new Set<MethodName>(['hello', 'logon', 'status']);

/** A screen may call these by itself to redraw; they do not prove that a person is there (CJIS AC-11). */
const redrawMethods: ReadonlySet<string> = new Set<MethodName>([
  'hello',
  'status',
  'list',
  'show',
  'cases',
  'case',
  'alarms',
]);

const rpcCodes: Readonly<Partial<Record<FaultCode, number>>> = {
  BAD_REQUEST: -32_602,
  METHOD_UNKNOWN: -32_601,
  INTERNAL: -32_603,
};
const rpcCodeOther = -32_000;

/** Makes the server that answers calls, one for all connections; the connection comes with each call. */
export function makeConsoleServer<C extends Caller>(options: CallOptions<C>): JSONRPCServer<C> {
  const server = new JSONRPCServer<C>({ errorListener: () => undefined });
  for (const method of Object.keys(methods) as MethodName[]) {
    server.addMethod(method, (params: unknown, caller: C) => answer(method, params, { ...options, caller }));
  }
  server.mapErrorToJSONRPCErrorResponse = (id, error) => errorResponse(id, error);
  server.handleMethodNotFound = async (request, caller) => {
    // The library does not say whose server it is here; calls come in by `receive` with a caller of this door alone.
    options.onRefused?.(caller as unknown as C, { code: 'METHOD_UNKNOWN' });
    return errorResponse(request.id ?? null, new HitlineError('METHOD_UNKNOWN'));
  };
  return server;
}

async function answer<C extends Caller>(
  method: MethodName,
  params: unknown,
  options: CallOptions<C> & { readonly caller: C },
): Promise<unknown> {
  try {
    const result = await perform(method, params, options);
    const gives = methods[method].gives.safeParse(result);
    if (!gives.success) throw new TypeError('a handler gave what the contract does not allow');
    return gives.data;
  } catch (error) {
    if (error instanceof HitlineError) {
      options.log.debug({ code: 'CALL_REFUSED', method, reason: error.code });
      throw error;
    }
    const id = options.ids.next('failure');
    options.log.error({ code: 'INTERNAL', method, id, place: placeOf(error) });
    const fault = makeFault('INTERNAL', { detail: `Id ${id}.` });
    throw new HitlineError('INTERNAL', { faults: [fault] });
  }
}

async function perform<C extends Caller>(
  method: MethodName,
  params: unknown,
  options: CallOptions<C> & { readonly caller: C },
): Promise<unknown> {
  const { caller } = options;
  const session = caller.session();
  const refused = (error: HitlineError): HitlineError => {
    options.onRefused?.(caller, { code: error.code, method });
    return error;
  };
  if (session === undefined && method !== 'hello') throw refused(new HitlineError('HELLO_MISSING'));
  const takes = methods[method].takes.safeParse(params ?? {});
  if (!takes.success) {
    const faults = takes.error.issues.map((issue) => shapeFault(issue.path));
    throw refused(new HitlineError('BAD_REQUEST', { faults }));
  }
  if (session?.person === null && !openMethods.has(method)) throw refused(new HitlineError('NOT_LOGGED_ON'));
  if (!redrawMethods.has(method)) caller.touch();
  // The schema of this very method has just read the data, which the compiler cannot follow through a union of methods.
  if (isDoorMethod(method)) return (options.door[method] as Perform<C>)(takes.data, caller);
  return (options.handlers[method] as Perform<ConsoleSession | undefined>)(takes.data, session);
}

type Perform<W> = (params: unknown, who: W) => Promise<unknown>;

const doorMethods: ReadonlySet<string> = new Set<DoorMethod>(['hello', 'logon', 'logoff', 'unlock']);

function isDoorMethod(method: MethodName): method is DoorMethod {
  return doorMethods.has(method);
}

/** Names the place by what the contract calls it; a field code of the dictionary is kept, any other key a screen made up is not. */
function shapeFault(path: readonly PropertyKey[]): Fault {
  const [first, second] = path;
  const isCode = first === 'fields' && fieldRow(String(second)) !== undefined;
  const isInner = typeof second === 'string' && (first === 'approver' || first === 'custodian' || first === 'check');
  const field = first === undefined ? undefined : `${String(first)}${isCode || isInner ? `.${String(second)}` : ''}`;
  return makeFault('BAD_REQUEST', { field });
}

function errorResponse(id: string | number | null, error: unknown): JSONRPCErrorResponse {
  const known = error instanceof HitlineError ? error : new HitlineError('INTERNAL');
  const { code } = known;
  const faults = known.faults.length > 0 ? known.faults : [makeFault(code)];
  return createJSONRPCErrorResponse(id, rpcCodes[code] ?? rpcCodeOther, known.message, { code, faults });
}
