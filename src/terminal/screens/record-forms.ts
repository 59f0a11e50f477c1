/** The forms about records: to whom a history was passed on, and what is freed from quarantine. */
import { type Choice, type Field, makeField } from '../field.ts';

const ways: readonly Choice[] = ['hand', 'mail', 'fax', 'telephone', 'radio', 'electronic'].map((value) => ({
  value,
  label: value.toUpperCase(),
}));

/** A short reason in the person's own words. */
export function reason(label: string): Field {
  return makeField({
    name: 'reason',
    label,
    must: true,
    max: 200,
    help: 'A short reason in your own words; it is kept on file.',
  });
}

/** Says whether a message in quarantine belongs to the question that it seemed to contradict. */
export function freeFields(): Field[] {
  return [
    makeField({
      name: 'belongs',
      label: 'It belongs to',
      must: true,
      max: 10,
      choices: [
        { value: 'yes', label: 'OUR QUESTION, which it seemed to contradict' },
        { value: 'no', label: 'NO QUESTION of ours' },
      ],
      help: 'Compare it with the question first. Left and Right choose.',
    }),
    reason('How do you know'),
  ];
}

/** Enters to whom a criminal history was passed on. */
export function disseminateFields(): Field[] {
  return [
    makeField({
      name: 'name',
      label: 'Given to',
      must: true,
      max: 60,
      capitals: true,
      help: 'LAST, FIRST of the person.',
    }),
    makeField({
      name: 'agency',
      label: 'Of which agency',
      must: true,
      max: 60,
      capitals: true,
      help: 'Its whole name.',
    }),
    makeField({
      name: 'ori',
      label: 'Its ORI',
      max: 9,
      capitals: true,
      help: 'Nine characters; empty when it has none.',
    }),
    makeField({ name: 'how', label: 'How', must: true, max: 20, choices: ways, help: 'Left and Right choose.' }),
    makeField({ name: 'purpose', label: 'Purpose code', must: true, max: 1, capitals: true, help: 'Such as C.' }),
    makeField({
      name: 'basis',
      label: 'Legal basis',
      must: true,
      max: 100,
      help: 'The law or agreement that allows it.',
    }),
    makeField({
      name: 'verifiedBy',
      label: 'How he was known',
      must: true,
      max: 100,
      help: 'How you knew that he is who he said: badge, call back …',
    }),
    makeField({ name: 'pages', label: 'Pages', max: 5, help: 'How many; empty when it was told.' }),
    reason('Why'),
  ];
}
