// Runs one TypeScript file of this repository, after making a fresh clone ready: `node bin/run.cjs FILE [WORDS]`.
'use strict';
const { install, run } = require('./setup.cjs');
install();
run(process.argv[2], process.argv.slice(3));
