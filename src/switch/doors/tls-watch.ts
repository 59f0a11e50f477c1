/** Certificates renewed while the gateway runs: new connections get the new ones, links that are open stay. */
import type { Clock } from '../../host/clock.ts';
import type { Log } from '../../host/log.ts';
import type { TlsSettings } from '../../wire/sockets/tls.ts';
import { readTls, type TlsFiles } from './tls-files.ts';

export interface TlsWatch {
  /**
   * Follows the files of one door or line. `use` is called with what they hold whenever that has changed and can be used;
   * until then the settings before stay. Gives a function that stops following.
   */
  follow(name: TlsUser, files: TlsFiles, use: (settings: TlsSettings) => void): () => void;
  /** The doors and lines whose files cannot be used as they are now. */
  readonly failing: ReadonlySet<TlsUser>;
}

export type TlsUser = 'station-door' | 'console-door' | 'upstream';

/** Where the signal to look at once comes from; the process, except in tests. */
export interface ReloadSignal {
  on(name: 'SIGUSR2', look: () => void): unknown;
  off(name: 'SIGUSR2', look: () => void): unknown;
}

const lookMs = 60_000;

/** Makes the watch. The files are looked at each minute and on SIGUSR2, for as long as anybody follows. */
export function makeTlsWatch(ports: {
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
  readonly signal?: ReloadSignal;
  /** A door or line has begun or ceased to fail. */
  readonly onChange: () => void;
}): TlsWatch {
  const { clock, log, signal = process } = ports;
  const lookers = new Set<() => void>();
  const failing = new Set<TlsUser>();
  let stopTimer = (): void => undefined;
  const lookAll = (): void => {
    for (const look of lookers) look();
  };
  const onSignal = (): void => {
    log.info({ code: 'CERTIFICATES_ASKED' });
    lookAll();
  };
  const lookLater = (): void => {
    stopTimer = clock.after(lookMs, () => {
      lookAll();
      lookLater();
    });
  };
  const become = (name: TlsUser, fails: boolean): void => {
    if (failing.has(name) === fails) return;
    if (fails) failing.add(name);
    else failing.delete(name);
    ports.onChange();
  };
  return {
    failing,
    follow(name, files, use) {
      let inUse = contentOf(readTls(files));
      const look = (): void => {
        try {
          const settings = readTls(files);
          const content = contentOf(settings);
          if (content !== inUse) {
            use(settings);
            inUse = content;
            log.info({ code: 'CERTIFICATES_RELOADED', kind: name });
          }
          become(name, false);
        } catch {
          // Half a renewal, such as a certificate whose key is not written yet: the ones before stay, and it is looked again.
          log.error({ code: 'TLS_SETTINGS', kind: name });
          become(name, true);
        }
      };
      if (lookers.size === 0) {
        signal.on('SIGUSR2', onSignal);
        lookLater();
      }
      lookers.add(look);
      return () => {
        if (!lookers.delete(look) || lookers.size > 0) return;
        signal.off('SIGUSR2', onSignal);
        stopTimer();
      };
    },
  };
}

/** What a door needs: the settings to open with, and who tells of new ones. Throws TLS_SETTINGS. */
export function watchedTls(watch: TlsWatch, name: TlsUser, files: TlsFiles) {
  const follow = (use: (settings: TlsSettings) => void): (() => void) => watch.follow(name, files, use);
  return { tls: readTls(files), followTls: follow };
}

function contentOf({ certificate, key, authority }: TlsSettings): string {
  return JSON.stringify([certificate, key, authority]);
}
