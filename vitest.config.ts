import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Folders of what takes longest: begun first, no worker is left alone with one of them at the end. */
const longest = ['/test/torture/', '/test/scenarios/', '/test/switch/ledger/'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = longest.findIndex((folder) => moduleId.includes(folder));
      return place === -1 ? longest.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/loopback-guard.ts'],
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // No test is held to a time of its own here: this only ends one that hangs, on the slowest machine there may be.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    reporters: ['default', 'json'],
    outputFile: { json: 'node_modules/.cache/hitline/tests.json' },
  },
});
