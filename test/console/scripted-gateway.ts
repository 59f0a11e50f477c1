/**
 * A small gateway end of the console contract for tests: every method is a function of the script, everything is
 * checked by the contract's schemas both ways, so that a script cannot say what a gateway could not.
 */
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { JSONRPCErrorException, JSONRPCServer } from 'json-rpc-2.0';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  type Gives,
  type MethodName,
  methods,
  type NotificationName,
  notifications,
  type Says,
  type Takes,
} from '../../src/console/contract.ts';

/** What the script answers; throw `refusal(code)` to refuse. */
export type Script = { [M in MethodName]?: (params: Takes<M>) => Gives<M> | Promise<Gives<M>> };

export interface ScriptedGateway {
  readonly url: string;
  /** Every call in order, as it came. */
  readonly calls: { readonly method: string; readonly params: unknown }[];
  readonly script: Script;
  connected(): number;
  /** Calls back when the last screen has gone. */
  onDisconnected(listener: () => void): void;
  /** Resolves at the next call of this method, or at once when there has been one since `from`. */
  called(method: MethodName, from?: number): Promise<unknown>;
  notify<N extends NotificationName>(name: N, says: Says<N>): void;
  /** Sends a raw frame to every screen. */
  sendRaw(text: string | Uint8Array): void;
  /** Cuts every connection without a word. */
  cut(): void;
  /** Stops answering pings and calls, as a frozen process would. */
  freeze(): void;
  close(): Promise<void>;
}

export function refusal(code: string, faults: readonly { code: string; field?: string; text: string }[] = []): Error {
  return new JSONRPCErrorException(code, 1, { code, faults });
}

/** Answers by the script; `note` hears of every call before it is answered. */
function answering(script: Script, note: (call: { method: string; params: unknown }) => void): JSONRPCServer {
  const rpc = new JSONRPCServer({ errorListener: () => {} });
  for (const method of Object.keys(methods) as MethodName[]) {
    rpc.addMethod(method, async (params: unknown) => {
      const takes = methods[method].takes.parse(params);
      note({ method, params: takes });
      const answer = script[method] as ((params: unknown) => unknown) | undefined;
      if (answer === undefined) throw refusal('METHOD_UNKNOWN');
      return methods[method].gives.parse(await answer(takes));
    });
  }
  return rpc;
}

export async function scriptedGateway(
  script: Script,
  tls?: { readonly cert: string; readonly key: string; readonly maxVersion?: 'TLSv1.2' },
): Promise<ScriptedGateway> {
  const sockets = new Set<WebSocket>();
  const calls: { readonly method: string; readonly params: unknown }[] = [];
  const waiters = new Set<() => void>();
  const partings: (() => void)[] = [];
  const http = tls === undefined ? createServer() : createTlsServer(tls);
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  http.listen(0, '127.0.0.1');
  const rpc = answering(script, (call) => {
    calls.push(call);
    for (const waiter of [...waiters]) waiter();
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) for (const listener of partings.splice(0)) listener();
    });
    socket.on('message', async (data) => {
      const answer = await rpc.receiveJSON(String(data));
      if (answer !== null && socket.readyState === socket.OPEN) socket.send(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  return {
    url: `${tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    script,
    connected: () => sockets.size,
    onDisconnected: (listener) => void partings.push(listener),
    called(method, from = 0) {
      return new Promise((resolve) => {
        const look = (): void => {
          const found = calls.slice(from).find((call) => call.method === method);
          if (found === undefined) return;
          waiters.delete(look);
          resolve(found.params);
        };
        waiters.add(look);
        look();
      });
    },
    notify(name, says) {
      const params = notifications[name].parse(says);
      for (const socket of sockets) socket.send(JSON.stringify({ jsonrpc: '2.0', method: name, params }));
    },
    sendRaw(text) {
      for (const socket of sockets) socket.send(text);
    },
    cut() {
      for (const socket of sockets) socket.terminate();
    },
    freeze() {
      for (const socket of sockets) socket.pause();
    },
    async close() {
      for (const socket of sockets) socket.terminate();
      await new Promise<void>((resolve) => server.close(() => http.close(() => resolve())));
    },
  };
}
