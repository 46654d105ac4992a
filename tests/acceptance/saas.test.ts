import { testEdition } from './test-edition.ts';

testEdition('saas');
