/**
 * A disk of its own whose power can be cut: a file system in a file. What a process wrote and did not flush stands in the
 * kernel's memory and not yet in that file, so a copy of the file at any moment is what a machine finds that starts again.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { constants, copyFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const diskBytes = 256 * 1024 * 1024;
/** Nothing goes to the disk by itself while a cut is made: the file system's own habit is every 5 s. */
const commitSeconds = 300;

/** Whether this machine lets a test make and mount such a disk. */
export function canCutPower(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    PowerDisk.make().remove();
    return true;
  } catch {
    return false;
  }
}

export class PowerDisk {
  /** Where the disk is mounted. */
  readonly folder: string;
  readonly #root: string;
  #image: string;
  #cuts = 0;

  private constructor(root: string) {
    this.#root = root;
    this.folder = join(root, 'disk');
    this.#image = join(root, 'image-0');
  }

  /** Makes an empty one and mounts it. */
  static make(): PowerDisk {
    const disk = new PowerDisk(mkdtempSync(join(tmpdir(), 'hitline-power-')));
    try {
      mkdirSync(disk.folder);
      writeFileSync(disk.#image, '');
      truncateSync(disk.#image, diskBytes);
      execFileSync('mkfs.ext4', ['-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', disk.#image]);
      disk.#mount();
      return disk;
    } catch (error) {
      disk.remove();
      throw error;
    }
  }

  /** The power fails and comes back: what was not flushed is gone. No process may have a file of the disk open. */
  cut(): void {
    this.#cuts += 1;
    const found = join(this.#root, `image-${this.#cuts}`);
    copyFileSync(this.#image, found, constants.COPYFILE_FICLONE);
    execFileSync('umount', [this.folder]);
    rmSync(this.#image);
    this.#image = found;
    this.#mount();
  }

  remove(): void {
    spawnSync('umount', ['-l', this.folder], { stdio: 'ignore' });
    rmSync(this.#root, { recursive: true, force: true });
  }

  #mount(): void {
    const how = `loop,noatime,commit=${commitSeconds}`;
    execFileSync('mount', ['-t', 'ext4', '-o', how, this.#image, this.folder], { stdio: 'pipe' });
  }
}
