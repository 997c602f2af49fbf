import type { Words } from './en.ts';

/** What the server says to the panel, in German; what it says to all, the chat page knows too. */
export const deSaid: Pick<Words, 'said' | 'saidWith'> = {
  said: {
    'There is no such user.': 'Dieses Konto gibt es nicht.',
    'The balance would be larger than can be booked.':
      'Das Guthaben würde größer, als gebucht werden kann.',
    'There is not enough to take.': 'So viel ist nicht da.',
    'This user is named twice.': 'Dieses Konto steht zweimal da.',
    'It is 0.': 'Das ist 0.',
    'Give true or false.': 'Gib true oder false an.',
    'Give a list.': 'Gib eine Liste an.',
    'Give a whole number.': 'Gib eine ganze Zahl an.',
    'Only a superuser can change the balance of a superuser.':
      'Das Guthaben von Superusern können nur Superuser ändern.',
    'This cannot be done to your own account. Ask another superuser.':
      'Das geht nicht mit dem eigenen Konto. Bitte jemand anderen, der Superuser ist.',
    'Nobody would be left who may do everything. Make another superuser first.':
      'Niemand wäre übrig, der alles darf. Mach zuerst jemand anderen zum Superuser.',
    'An answer is still being written for this user. Please try again in a moment.':
      'Für dieses Konto wird noch eine Antwort geschrieben. Bitte gleich noch einmal.',
    'A superuser is staff too.': 'Ein Superuser gehört auch zum Team.',
    'You do not have permission to perform this action.': 'Das darfst du nicht.',
    'Staff cannot look at chats here. CHIT_STAFF_READS_CHATS=1 would allow it.':
      'Das Team kann hier keine Chats ansehen. CHIT_STAFF_READS_CHATS=1 würde es erlauben.',
    'There is no such transfer.': 'Diese Buchung gibt es nicht.',
    'Only a charge can be refunded.': 'Nur was berechnet wurde, kann erstattet werden.',
    'This charge was refunded before.': 'Das wurde schon erstattet.',
    'There is no such key.': 'Diesen Schlüssel gibt es nicht.',
    'There is no such session.': 'Diese Sitzung gibt es nicht.',
    'The beginning must be before the end, and not in the future.':
      'Der Anfang muss vor dem Ende liegen und nicht in der Zukunft.',
    'Username already exists': 'Diesen Namen hat schon jemand.',
    'Insufficient tokens': 'Du hast dafür zu wenige Token.',
    'Message is required': 'Die Nachricht fehlt.',
    'This Idempotency-Key was used for another request. Use a new one.':
      'Unter diesem Schlüssel wurde schon etwas anderes gesendet. Lade die Seite neu.',
    'The request with this Idempotency-Key is still being answered.':
      'Diese Liste wird gerade schon gebucht. Bitte gleich noch einmal.',
    'The request with this Idempotency-Key was answered and charged before.':
      'Das wurde schon beantwortet und berechnet.',
    'The server could not write its books. Nothing was charged.':
      'Der Server konnte nichts buchen. Nichts wurde berechnet.',
    'The request is malformed.': 'Damit kann der Server nichts anfangen.',
    'Not found.': 'Das gibt es nicht.',
    'This field is required.': 'Das darf nicht fehlen.',
    'This field may not be null.': 'Das darf nicht fehlen.',
    'This field may not be blank.': 'Das darf nicht leer sein.',
    'Not a valid string.': 'Das ist kein Text.',
    'Not a valid value.': 'Dieser Wert passt nicht.',
    'Null characters are not allowed.': 'Nullzeichen sind nicht erlaubt.',
    'Opening balance': 'Anfangsguthaben',
    '(none)': '(nichts)',
    '(chit.json, if it is there)': '(chit.json, falls vorhanden)',
    '(made at first start, in the data folder)': '(beim ersten Start gemacht, bei den Daten)',
  },
  saidWith: [
    [/^At most (\d+) days by hour\..*$/, 'Nach Stunden höchstens $1 Tage. Beginne später.'],
    [/^At most (\d+) days by day\..*$/, 'Nach Tagen höchstens $1 Tage. Beginne später.'],
    [/^At most (\d+) days by month\..*$/, 'Nach Monaten höchstens $1 Tage. Beginne später.'],
    [
      /^Nothing was booked: (\d+) of the accounts cannot have their share\..*$/,
      'Nichts wurde gebucht: $1 der Konten können ihren Anteil nicht bekommen. Sieh es dir noch ' +
        'einmal an, bevor du buchst.',
    ],
  ],
};
