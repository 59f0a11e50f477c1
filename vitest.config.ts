import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/loopback-guard.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // No test is held to a time of its own here: this only ends one that hangs, on the slowest machine there may be.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    reporters: ['default', 'json'],
    outputFile: { json: 'node_modules/.cache/hitline/tests.json' },
  },
});
