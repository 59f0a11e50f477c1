import { defineKeys, type KeyTable } from '../key-table.ts';

/** Message keys of the families: gang. */
export const gangKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'ncic', family: 'gang', header: '1N01', provenance: 'verified', source: 'LEDS-MKE' }, [
    { key: 'EGG', title: 'Enter gang', action: 'enter', class: 'record', form: 'positional' },
    {
      key: 'EGGT',
      title: 'Enter gang (T form)',
      action: 'enter',
      class: 'record',
      form: 'positional',
      note: 'Meaning of the suffix T not known; terrorist variant recalled.',
    },
    { key: 'EGM', title: 'Enter gang member', action: 'enter', class: 'record', form: 'positional' },
    {
      key: 'EGMT',
      title: 'Enter gang member (T form)',
      action: 'enter',
      class: 'record',
      form: 'positional',
      note: 'Meaning of the suffix T not known; terrorist variant recalled.',
    },
    { key: 'MGG', title: 'Modify gang', action: 'modify', class: 'record', form: 'coded', open: true },
    { key: 'MGM', title: 'Modify gang member', action: 'modify', class: 'record', form: 'coded', open: true },
    { key: 'XGG', title: 'Cancel gang', action: 'cancel', class: 'record', form: 'coded' },
    { key: 'XGM', title: 'Cancel gang member', action: 'cancel', class: 'record', form: 'coded' },
    {
      key: 'EGGN',
      title: 'Enter supplemental data, gang',
      action: 'supplement',
      class: 'record',
      form: 'positional',
      open: true,
    },
    {
      key: 'EGMN',
      title: 'Enter supplemental data, gang member',
      action: 'supplement',
      class: 'record',
      form: 'positional',
      open: true,
    },
    {
      key: 'XGGN',
      title: 'Cancel supplemental data, gang',
      action: 'cancel-supplement',
      class: 'record',
      form: 'coded',
      open: true,
    },
    {
      key: 'XGMN',
      title: 'Cancel supplemental data, gang member',
      action: 'cancel-supplement',
      class: 'record',
      form: 'coded',
      open: true,
    },
    { key: 'QGG', title: 'Query gang', action: 'query', class: 'inquiry', form: 'coded' },
    { key: 'QGM', title: 'Query gang member', action: 'query', class: 'inquiry', form: 'coded' },
  ]),
];
