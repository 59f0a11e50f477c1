/**
 * Loaded before every test file: refuses each outgoing connection whose address is not loopback or a unix socket,
 * so that no test can ever reach a real system. nock cannot do this, because it knows only HTTP.
 */
import net from 'node:net';

const loopback = /^(127(\.\d{1,3}){3}|::1|localhost|::ffff:127(\.\d{1,3}){3})$/;

/** Tells whether a connection with these options may be made from a test. */
export function isLoopbackTarget(options: { host?: string | undefined; path?: string | undefined }): boolean {
  if (options.path !== undefined) return true;
  return options.host === undefined || loopback.test(options.host);
}

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function guarded(this: net.Socket, ...args: unknown[]) {
  const first = Array.isArray(args[0]) ? args[0][0] : args[0];
  const options =
    typeof first === 'object' && first !== null
      ? (first as { host?: string; path?: string })
      : typeof first === 'number'
        ? { host: typeof args[1] === 'string' ? args[1] : undefined }
        : { path: String(first) };
  if (!isLoopbackTarget(options)) {
    throw new Error(`a test tried to reach ${String(options.host)}; only loopback is allowed`);
  }
  return Reflect.apply(connect, this, args);
} as typeof connect;
