/**
 * Ending although a file system does not answer. Node waits at its end for every call that it has under way, and a call to a
 * second place on a machine that is gone may never return.
 */
import { systemClock } from '../../host/clock.ts';

/** A call that takes longer, when all is put away, holds the process up. */
const lookAgainMs = 1_000;

function isCalling(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
}

/** Whether a call to a file system is still under way, and does not end within a second. To be asked when all is put away. */
export async function isHeldUp(): Promise<boolean> {
  if (!isCalling()) return false;
  await new Promise<void>((resolve) => void systemClock.after(lookAgainMs, resolve));
  return isCalling();
}

/** Has the kernel end this process, by the signal that service managers take for a good end: it waits for no such call. */
export function endHeldUp(): void {
  process.removeAllListeners('SIGTERM');
  process.kill(process.pid, 'SIGTERM');
}
