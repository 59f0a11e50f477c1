import { defineKeys, type KeyTable } from '../key-table.ts';

/** Message keys of the families: cash, charge-code. */
export const cashKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'cash', provenance: 'verified', source: 'NLETS L1' }, [
    {
      key: 'BCQ',
      title: 'Bulk cash',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['BCR'],
      note: 'Disabled 7/2014.',
    },
    {
      key: 'BCR',
      title: 'Bulk cash, response',
      action: 'response',
      class: 'tell',
      form: 'nlets',
      note: 'Disabled 7/2014.',
    },
  ]),
  ...defineKeys({ line: 'nlets', family: 'charge-code', provenance: 'verified', source: 'NLETS N1' }, [
    { key: 'CCQ', title: 'Charge code', action: 'request', class: 'inquiry', form: 'nlets', replies: ['CCR'] },
    { key: 'CCR', title: 'Charge code, response', action: 'response', class: 'tell', form: 'nlets' },
  ]),
];
