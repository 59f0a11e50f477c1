import { defineKeys, type FieldUse, type KeyTable, must } from '../key-table.ts';

/** EL EL-A EL-P EL-F. */
const elFields: readonly FieldUse[] = [
  must('LIC', 10),
  must('LIS', 2),
  must('LIY', 4),
  must('LIT', 2),
  must('DOT', 8),
  must('OCA', 20),
];

/** Message keys of the families: license-plate. */
export const licensePlateKeys: readonly KeyTable[] = [
  ...defineKeys(
    {
      line: 'ncic',
      family: 'license-plate',
      header: '1N01',
      provenance: 'verified',
      source: 'LEDS-MKE (key); fields recalled',
    },
    [
      {
        key: 'EL',
        title: 'Enter license plate',
        action: 'enter',
        class: 'record',
        form: 'positional',
        fields: elFields,
        fieldsProvenance: 'recalled',
      },
      {
        key: 'EL-A',
        title: 'Enter license plate, occupants armed',
        action: 'enter',
        class: 'record',
        form: 'positional',
        fields: elFields,
        fieldsProvenance: 'recalled',
      },
      {
        key: 'EL-P',
        title: 'Enter license plate, hold for latents',
        action: 'enter',
        class: 'record',
        form: 'positional',
        fields: elFields,
        fieldsProvenance: 'recalled',
      },
      {
        key: 'EL-F',
        title: 'Enter license plate, occupants armed and hold for latents',
        action: 'enter',
        class: 'record',
        form: 'positional',
        fields: elFields,
        fieldsProvenance: 'recalled',
      },
      {
        key: 'ML',
        title: 'Modify license plate',
        action: 'modify',
        class: 'record',
        form: 'coded',
        open: true,
        source: 'LEDS-MKE',
      },
      {
        key: 'XL',
        title: 'Cancel license plate',
        action: 'cancel',
        class: 'record',
        form: 'coded',
        source: 'LEDS-MKE',
      },
      { key: 'CL', title: 'Clear license plate', action: 'clear', class: 'record', form: 'coded', source: 'LEDS-MKE' },
      {
        key: 'LL',
        title: 'Locate license plate',
        action: 'locate',
        class: 'record',
        form: 'coded',
        source: 'LEDS-MKE',
      },
    ],
  ),
];
