import { defineKeys, type FieldUse, type KeyTable, may, oneOf } from '../key-table.ts';

/** NLQ. */
const nlqFields: readonly FieldUse[] = [
  may('TYP'),
  may('SRC', 9),
  may('DST', 9),
  may('BEG', 13, { note: 'ccyymmdd or ccyymmdd@hhmm' }),
  may('END', 13, { note: 'ccyymmdd or ccyymmdd@hhmm' }),
  oneOf('subject', 'FND'),
  oneOf('subject', 'NAM', 30),
];

/** Message keys of the families: log. */
export const logSearchKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'log', provenance: 'verified', source: 'NLETS L1, N19' }, [
    {
      key: 'NLQ',
      title: 'Message log search',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['NLR'],
      fields: nlqFields,
      rules: ['either-subject'],
      destinations: { max: 1, kind: 'region', only: 'NL', provenance: 'verified', source: 'NLETS N19' },
      fieldsProvenance: 'verified',
      note: 'Destination NL.',
    },
    {
      key: 'NLR',
      title: 'Message log search, response',
      action: 'response',
      class: 'tell',
      form: 'nlets',
      source: 'NLETS L1',
    },
    {
      key: 'NFQ',
      title: 'Message log search (NFQ)',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['NFR'],
      destinations: { max: 1, kind: 'region', only: 'NL', provenance: 'verified', source: 'NLETS N19' },
      note: 'Destination NL.',
    },
    {
      key: 'NFR',
      title: 'Message log search (NFQ), response',
      action: 'response',
      class: 'tell',
      form: 'nlets',
      source: 'NLETS L1',
    },
  ]),
];
