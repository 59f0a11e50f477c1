import { defineKeys, type KeyTable } from '../key-table.ts';

/** Message keys of the families: insurance. */
export const insuranceKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'insurance', provenance: 'verified', source: 'NLETS L1' }, [
    {
      key: 'NAQ',
      title: 'Insurance crime bureau',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['NAR'],
    },
    { key: 'NAR', title: 'Insurance crime bureau, response', action: 'response', class: 'tell', form: 'nlets' },
    {
      key: 'NCI',
      title: 'Insurance crime bureau',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['NCA'],
    },
    { key: 'NCA', title: 'Insurance crime bureau, response', action: 'response', class: 'tell', form: 'nlets' },
    {
      key: 'NEI',
      title: 'Insurance crime bureau',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['NEA'],
    },
    { key: 'NEA', title: 'Insurance crime bureau, response', action: 'response', class: 'tell', form: 'nlets' },
    {
      key: 'NIQ',
      title: 'Insurance crime bureau',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['NIR'],
    },
    { key: 'NIR', title: 'Insurance crime bureau, response', action: 'response', class: 'tell', form: 'nlets' },
    {
      key: 'NUI',
      title: 'Insurance crime bureau',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['NUA'],
    },
    { key: 'NUA', title: 'Insurance crime bureau, response', action: 'response', class: 'tell', form: 'nlets' },
  ]),
];
