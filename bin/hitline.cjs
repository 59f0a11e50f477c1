#!/usr/bin/env node
// The launcher: `hitline COMMAND …`. See src/cli for the commands.
'use strict';
const { install, run } = require('./setup.cjs');
install();
run('src/cli/main.ts', process.argv.slice(2));
