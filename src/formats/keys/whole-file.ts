import { defineKeys, type KeyTable, must } from '../key-table.ts';

/** Message keys of the families: benefits, one-crime, record-entry, global. */
export const wholeFileKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'ncic', family: 'benefits', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' }, [
    { key: 'CRBD', title: 'Benefits data after clear', action: 'benefits', class: 'record', form: 'coded' },
    { key: 'LRBD', title: 'Benefits data after locate', action: 'benefits', class: 'record', form: 'coded' },
  ]),
  ...defineKeys({ line: 'ncic', family: 'one-crime', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' }, [
    {
      key: 'QI',
      title: 'One-crime inquiry: all data from selected files',
      action: 'query',
      class: 'inquiry',
      form: 'coded',
      fields: [must('ORI', 9), must('OCA', 20), must('DBN', 1)],
      fieldsProvenance: 'verified',
    },
  ]),
  ...defineKeys({ line: 'ncic', family: 'record-entry', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' }, [
    {
      key: 'ZE',
      title: 'Administrative query, date and time of record entry',
      action: 'admin-query',
      class: 'inquiry',
      form: 'coded',
    },
  ]),
  ...defineKeys({ line: 'ncic', family: 'global', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' }, [
    {
      key: 'SPRQ',
      title: 'Global (purged or active) restricted inquiry',
      action: 'query',
      class: 'inquiry',
      form: 'coded',
    },
  ]),
];
