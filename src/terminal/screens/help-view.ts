/** The help sheet, made from the table of keys. */
import { type Line, line, span, wrap } from '../frame.ts';
import { type Binding, bindings, type Where } from '../keys.ts';
import type { Model } from '../model.ts';
import { heading } from './parts.ts';

const groups: readonly { readonly title: string; readonly where: Where }[] = [
  { title: 'EVERYWHERE', where: 'everywhere' },
  { title: 'IN A LIST', where: 'list' },
  { title: 'ON A MESSAGE', where: 'message' },
  { title: 'ON A CASE', where: 'case' },
  { title: 'IN A FORM', where: 'form' },
];

const notes: readonly string[] = [
  'Alt with 1 to 9 and 0 stands for F1 to F10, where a terminal keeps those keys for itself.',
  'Nothing is ever sent by Enter or by pasted text: only F9 does what a form is for.',
  'Marks: * must be filled in, ~ is wanted, + one of these must be, ! needs a person. Colour only repeats what the words say.',
];

function bindingLines(binding: Binding, width: number): Line[] {
  return wrap(binding.help, Math.max(20, width - 14)).map((text, at) => [
    span((at === 0 ? `  ${binding.shown}` : '').padEnd(14), 'strong'),
    span(text),
  ]);
}

/** Every line of the help sheet. */
export function helpLines(model: Model): readonly Line[] {
  const width = model.size.columns;
  const sheets = groups.flatMap((group): Line[] => [
    heading(group.title, width),
    ...bindings.filter((one) => one.where.includes(group.where)).flatMap((one) => bindingLines(one, width)),
  ]);
  const rules = notes.flatMap((note) => wrap(note, width).map((text) => line(text)));
  // What the log-on screen said is needed again later: in practice it names the people and their passwords.
  const banner =
    model.banner.length === 0
      ? []
      : [
          heading('FROM THE LOG-ON SCREEN', width),
          ...model.banner.flatMap((text) => wrap(text, width).map((part) => line(part))),
        ];
  return [...sheets, ...banner, heading('GOOD TO KNOW', width), ...rules];
}
