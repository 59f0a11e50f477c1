import { defineKeys, type FieldUse, type KeyTable, may, must, oneOf } from '../key-table.ts';

/** WLQ. */
const wlqFields: readonly FieldUse[] = [
  must('PUR', 1),
  must('ATN', 30),
  oneOf('subject', 'NAM', 30),
  may('DOB', 8, { with: 'NAM' }),
  oneOf('subject', 'SOC', 9),
];

/** Message keys of the families: permit, wildlife. */
export const permitKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'permit', provenance: 'verified', source: 'NLETS L1, N13' }, [
    {
      key: 'CWQ',
      title: 'Concealed weapon permit',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['CWR'],
      fields: [
        oneOf('subject', 'NAM', 30),
        may('DOB', 8, { with: 'NAM' }),
        oneOf('subject', 'SOC', 9),
        oneOf('subject', 'PER', 15),
      ],
      destinations: { max: 1, kind: 'region', provenance: 'verified', source: 'NLETS N13' },
      fieldsProvenance: 'verified',
      note: 'Exactly one 2-character code; 9-character rejected.',
    },
    {
      key: 'CWR',
      title: 'Concealed weapon permit, response',
      action: 'response',
      class: 'tell',
      form: 'nlets',
      source: 'NLETS L1',
    },
  ]),
  ...defineKeys({ line: 'nlets', family: 'wildlife', provenance: 'verified', source: 'NLETS L1, N23' }, [
    {
      key: 'WLQ',
      title: 'Wildlife',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['WLR'],
      fields: wlqFields,
      destinations: { max: 5, kind: 'region', provenance: 'verified', source: 'NLETS N23' },
      fieldsProvenance: 'verified',
      note: 'Up to 5 states or regions.',
    },
    { key: 'WLR', title: 'Wildlife, response', action: 'response', class: 'tell', form: 'nlets', source: 'NLETS L1' },
  ]),
];
