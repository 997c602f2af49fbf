/** Which names new accounts may have, and which are too similar (RFC 8264, 8265; UTS 39). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultOfUsername, usernameKey } from '../../src/core/usernames.ts';

test('names of people are fine in any script, and so is what the original API accepts', () => {
  for (const name of [
    ...['ada', 'aLiCe', 'Ada Lovelace', "o'brien", 'ada@example.com', 'a+b.c-d_e', '42', 'x'],
    ...['Ünïcødé 名前', 'U\u0308nicode', '\u00dcnicode', '😀😀', 'pair😀', 'Straße', 'Mañana'],
    ...[
      '李Lee',
      '김Kim',
      'カナとひらがな漢字ABC',
      'Արմեն',
      'ᏣᎳᎩ',
      'ⵜⴰⵎⴰⵣⵉⵖⵜ',
      'ᚠᚢᚦᚨᚱᚲ',
      'አማርኛ',
      '١٢٣',
    ],
    ...['Дарья', 'Ελένη', '山田太郎', '김철수', 'محمد', 'משה', 'नमस्ते', 'ไทย', '田中ゆき', 'Nguyễn'],
  ]) {
    assert.equal(faultOfUsername(name), undefined, name);
  }
});

test('invisible, directional, control and compatibility characters are refused', () => {
  for (const name of [
    ...['ad\u200ba', 'ada\u200d', 'ada\u2060', '\u202eada', 'a\u2066da', 'a\ufeffda', 'a\u00adda'],
    ...['a\nda', 'a\tda', 'ada\u0007', 'ada\u007f', 'ada\u0085', 'a\u2028da', 'a\u00a0da', 'a  b'],
    ...['ａｄａ', 'ﬁnn', 'ada²', 'Ⅳ', 'ada\ufe0f', 'ada\u{e0041}', 'ada\ufffe', '\u0301ada'],
    ...['ada\u3164', 'ada\u115f', 'ada\u180e', 'a\u0640b', 'ada\ue000', 'ada\u0378'],
  ]) {
    assert.equal(faultOfUsername(name), 'characters', JSON.stringify(name));
  }
});

test('scripts that look alike do not mix, and nobody is called like an actor', () => {
  for (const name of ['ѕуѕтem', 'аda', 'Αda', 'rооt', 'paypаl', 'adaא']) {
    assert.equal(faultOfUsername(name), 'mixed_scripts', name);
  }
  // Each of these letters looks like a Latin one.
  for (const name of ['rоot', 'rοot', 'rօot', 'rꓳot', 'rⲟot', 'rᴏoꓔ', 'r०ot', 'r๐ot', 'ᏒOOT']) {
    assert.equal(faultOfUsername(name), 'mixed_scripts', name);
  }
  for (const name of ['Дарья Ελένη', 'नमस्ते ไทย', 'ꓲꓳЅ', 'カナ김', 'ada ᚠᚢᚦ']) {
    assert.equal(faultOfUsername(name), 'mixed_scripts', name);
  }
  for (const name of ['user:42', 'cli:root', 'USER:1', 'system', 'System', 'a:b', ':']) {
    assert.equal(faultOfUsername(name), 'reserved', name);
  }
});

test('names that can be confused have the same key, others have not', () => {
  for (const [one, other] of [
    ['ada', 'ADA'],
    ['Straße', 'STRASSE'],
    ['ada', 'ａｄａ'],
    ['асе', 'ace'],
    ['ΑΒΕ', 'abe'],
    ['finn', 'ﬁnn'],
    ['Σίσυφος', 'ΣΊΣΥΦΟΣ'],
    // Lisu, Armenian, Coptic, Cherokee, Canadian syllabics, Deseret, small capitals
    ['ꓮꓡꓲꓚꓰ', 'ALLCE'],
    ['օսո', 'oun'],
    ['ⲟⲣⲥ', 'OPC'],
    ['ᏢᎪᎢ', 'pat'],
    ['ᗪᗅᗷ', 'dab'],
    ['𐐬𐐽', 'oc'],
    ['ᴢᴏᴏ', 'zoo'],
  ] as const) {
    assert.equal(usernameKey(one), usernameKey(other), `${one} ${other}`);
  }
  for (const [one, other] of [
    ['ada', 'adá'],
    ['ada', 'ada1'],
    ['a b', 'ab'],
    // The original API has both.
    ['U\u0308nicode', '\u00dcnicode'],
  ] as const) {
    assert.notEqual(usernameKey(one), usernameKey(other), `${one} ${other}`);
  }
});
