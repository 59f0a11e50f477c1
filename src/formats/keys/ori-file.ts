import { defineKeys, type FieldUse, type KeyTable, must } from '../key-table.ts';

/** QO ZO. */
const qoFields: readonly FieldUse[] = [must('ORI', 9)];

/** Message keys of the families: ori. */
export const oriFileKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'ncic', family: 'ori', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' }, [
    { key: 'EO', title: 'Enter ORI record', action: 'enter', class: 'record', form: 'positional' },
    { key: 'MO', title: 'Modify ORI record', action: 'modify', class: 'record', form: 'coded', open: true },
    {
      key: 'QO',
      title: 'Query ORI file, full',
      action: 'query',
      class: 'inquiry',
      form: 'coded',
      fields: qoFields,
      fieldsProvenance: 'verified',
    },
    {
      key: 'ZO',
      title: 'Query ORI file, translation only',
      action: 'admin-query',
      class: 'inquiry',
      form: 'coded',
      fields: qoFields,
      fieldsProvenance: 'verified',
    },
  ]),
];
