import { defineKeys, type KeyTable } from '../key-table.ts';

/** Message keys of the families: canada. */
export const canadaKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'canada', provenance: 'verified', source: 'NLETS L1' }, [
    { key: 'CAQ', title: 'Canadian article', action: 'request', class: 'inquiry', form: 'nlets', replies: ['CAR'] },
    { key: 'CAR', title: 'Canadian article, response', action: 'response', class: 'tell', form: 'nlets' },
    { key: 'CBQ', title: 'Canadian boat', action: 'request', class: 'inquiry', form: 'nlets', replies: ['CBR'] },
    { key: 'CBR', title: 'Canadian boat, response', action: 'response', class: 'tell', form: 'nlets' },
    { key: 'CGQ', title: 'Canadian gun', action: 'request', class: 'inquiry', form: 'nlets', replies: ['CGR'] },
    { key: 'CGR', title: 'Canadian gun, response', action: 'response', class: 'tell', form: 'nlets' },
    { key: 'CSQ', title: 'Canadian security', action: 'request', class: 'inquiry', form: 'nlets', replies: ['CSR'] },
    { key: 'CSR', title: 'Canadian security, response', action: 'response', class: 'tell', form: 'nlets' },
    {
      key: 'UQ',
      title: 'Canadian driver license',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['UR'],
    },
    { key: 'UR', title: 'Canadian driver license, response', action: 'response', class: 'tell', form: 'nlets' },
    { key: 'VQ', title: 'Canadian vehicle', action: 'request', class: 'inquiry', form: 'nlets', replies: ['VR'] },
    { key: 'VR', title: 'Canadian vehicle, response', action: 'response', class: 'tell', form: 'nlets' },
    { key: 'WQ', title: 'Canadian person', action: 'request', class: 'inquiry', form: 'nlets', replies: ['WR'] },
    { key: 'WR', title: 'Canadian person, response', action: 'response', class: 'tell', form: 'nlets' },
    { key: 'XQ', title: 'Canadian registration', action: 'request', class: 'inquiry', form: 'nlets', replies: ['XR'] },
    { key: 'XR', title: 'Canadian registration, response', action: 'response', class: 'tell', form: 'nlets' },
    { key: 'CFQ', title: 'Canadian query CFQ (title not known)', action: 'request', class: 'inquiry', form: 'nlets' },
    { key: 'CIQ', title: 'Canadian query CIQ (title not known)', action: 'request', class: 'inquiry', form: 'nlets' },
  ]),
];
