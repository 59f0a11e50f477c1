import { defineKeys, type FieldUse, type KeyTable, must } from '../key-table.ts';

/** EXS. */
const exsFields: readonly FieldUse[] = [
  must('OCA', 20),
  must('ORD', 8),
  must('ERD', 8),
  must('CRR'),
  must('CON'),
  must('NAM', 80),
  must('SEX', 1),
  must('RAC', 1),
  must('HGT', 3),
  must('WGT', 3),
  must('HAI', 3),
  must('EYE', 3),
  must('DOB', 8),
  must('STA', 2),
];

/** EXSC. */
const exscFields: readonly FieldUse[] = [
  must('OCA', 20),
  must('ORD', 8),
  must('ERD', 8),
  must('CRR'),
  must('CON'),
  must('NAM', 80),
  must('SEX', 1),
  must('RAC', 1),
  must('HGT', 3),
  must('WGT', 3),
  must('HAI', 3),
  must('EYE', 3),
  must('DOB', 8),
  must('STA', 2),
  must('CMC', 2, { note: 'mandatory with caution', provenance: 'recalled' }),
];

/** Message keys of the families: sex-offender. */
export const sexOffenderKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'ncic', family: 'sex-offender', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' }, [
    {
      key: 'EXS',
      title: 'Enter sex offender',
      action: 'enter',
      class: 'record',
      form: 'positional',
      fields: exsFields,
      fieldsProvenance: 'state',
      source: 'LEDS-MKE (key); WSP-XML (fields)',
    },
    {
      key: 'EXSC',
      title: 'Enter sex offender, caution',
      action: 'enter',
      class: 'record',
      form: 'positional',
      fields: exscFields,
      fieldsProvenance: 'state',
      source: 'LEDS-MKE (key); WSP-XML (fields, as EXS)',
    },
    { key: 'MXS', title: 'Modify sex offender', action: 'modify', class: 'record', form: 'coded', open: true },
    { key: 'XXS', title: 'Cancel sex offender', action: 'cancel', class: 'record', form: 'coded' },
    { key: 'CXS', title: 'Clear sex offender', action: 'clear', class: 'record', form: 'coded' },
    { key: 'IXS', title: 'Expire (inactive) sex offender', action: 'expire', class: 'record', form: 'coded' },
    {
      key: 'EXSN',
      title: 'Enter supplemental data, sex offender',
      action: 'supplement',
      class: 'record',
      form: 'positional',
      open: true,
    },
    {
      key: 'XXSN',
      title: 'Cancel supplemental data, sex offender',
      action: 'cancel-supplement',
      class: 'record',
      form: 'coded',
      open: true,
    },
    {
      key: 'QXS',
      title: 'Query sex offender (NCIC only)',
      action: 'query',
      class: 'inquiry',
      form: 'coded',
      fields: [must('NAM', 80), must('DOB', 8)],
      fieldsProvenance: 'recalled',
      source: 'LEDS-MKE (key); fields incomplete',
    },
  ]),
];
