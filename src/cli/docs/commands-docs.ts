/** docs/commands.md: the help pages of the command line, as they are printed. */
import { PassThrough } from 'node:stream';
import { commandNames, runCommandLine } from '../command-line.ts';

/** Asks each command for its help. */
export async function commandsDocs(): Promise<string> {
  const pages = [
    '# The command line',
    '<!-- Made from the commands in src/cli by `npm run docs`; edit there. -->',
    intro,
  ];
  for (const name of ['', ...(await commandNames())]) {
    const title = name === '' ? 'hitline' : `hitline ${name}`;
    pages.push(`## ${title}`, `\`\`\`text\n${(await helpOf(name)).trimEnd()}\n\`\`\``);
  }
  return `${pages.join('\n\n')}\n`;
}

const intro = `From a clone, \`node bin/hitline.cjs\` is \`hitline\`. Results go to standard output and everything else to standard
error. A command that takes a FILE reads standard input when there is none or it is \`-\`.

| exit code | meaning |
| --- | --- |
| 0 | fine |
| 1 | the input is bad; \`{"ok":false,"faults":[…]}\` is on standard output (see errors.md) |
| 2 | wrong usage |
| 70 | a failure of hitline itself |`;

async function helpOf(name: string): Promise<string> {
  const stdout = new PassThrough();
  const words = [...name.split(' ').filter((word) => word !== ''), '--help'];
  await runCommandLine(words, { stdin: new PassThrough(), stdout, stderr: new PassThrough() });
  return String(stdout.read() ?? '');
}
