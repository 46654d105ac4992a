import { cursor } from '@recado/contracts';
import { z } from 'zod';

const WORDS = {
  es: {
    cursor:
      'Recorre la lista: `start` comienza, luego el de cada respuesta; con él, `page` no cuenta. El orden no cambia durante el recorrido: ' +
      'lo que está todo el tiempo aparece una vez, aunque la lista cambie. Los filtros valen como están en cada página.',
    chats: 'Con `cursor`: el último creado primero.',
    next: 'El cursor de lo que sigue; null si no hay más. Los chats lo dan con `cursor` o en la primera página.',
  },
  pt: {
    cursor:
      'Percorre a lista: `start` começa, depois o de cada resposta; com ele, `page` não conta. A ordem não muda durante o percurso: ' +
      'o que está o tempo todo aparece uma vez, ainda que a lista mude. Os filtros valem como estão em cada página.',
    chats: 'Com `cursor`: o último criado primeiro.',
    next: 'O cursor do que segue; null se não há mais. As conversas o dão com `cursor` ou na primeira página.',
  },
};

/** How a route whose pages go by activity describes its walk. */
export const chatsByCursor = (language: 'es' | 'pt') => WORDS[language].chats;
/** Beside `page` in the query of every list. */
export const cursorField = (language: 'es' | 'pt') => cursor().describe(WORDS[language].cursor);
/** In every list's answer, spelled as the edition spells it. */
export const nextCursorField = (language: 'es' | 'pt') => z.string().nullable().describe(WORDS[language].next);
