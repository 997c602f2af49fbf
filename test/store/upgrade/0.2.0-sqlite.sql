PRAGMA foreign_keys = OFF;

CREATE TABLE accounts (
      id integer PRIMARY KEY REFERENCES users (id),
      posted integer NOT NULL CHECK (posted <= 1000000000000000),
      held integer NOT NULL,
      transfer_count integer NOT NULL,
      CHECK (0 <= held AND held <= posted)
    ) STRICT;

CREATE TABLE api_keys (
      id text PRIMARY KEY,
      user_id integer NOT NULL REFERENCES users (id),
      name text NOT NULL,
      prefix text NOT NULL,
      secret_hash text NOT NULL UNIQUE,
      models text,
      budget integer,
      spent integer NOT NULL CHECK (spent >= 0),
      held integer NOT NULL CHECK (held >= 0),
      created_at integer NOT NULL,
      expires_at integer,
      last_used_at integer,
      ended_at integer,
      CHECK (budget IS NULL OR spent + held <= budget)
    ) STRICT;

CREATE TABLE audit_log (
      id text PRIMARY KEY,
      at integer NOT NULL,
      actor text NOT NULL,
      address text,
      action text NOT NULL,
      target text NOT NULL,
      reason text,
      before text,
      after text
    ) STRICT;

CREATE TABLE conversations (
      id text PRIMARY KEY,
      user_id integer NOT NULL REFERENCES users (id),
      title text NOT NULL,
      model text,
      system_prompt text NOT NULL,
      leaf_id text,
      share_token text UNIQUE,
      adopts_orphans integer NOT NULL CHECK (adopts_orphans IN (0, 1)),
      created_at integer NOT NULL,
      updated_at integer NOT NULL
    ) STRICT;

CREATE TABLE holds (
      id text PRIMARY KEY,
      account_id integer NOT NULL REFERENCES accounts (id),
      credits integer NOT NULL CHECK (credits >= 0),
      state text NOT NULL CHECK (state IN ('open', 'settled', 'released')),
      lease_id text,
      model text,
      price text,
      input_tokens integer,
      idempotency_key text,
      api_key_id text REFERENCES api_keys (id),
      stop_requested_at integer,
      created_at integer NOT NULL,
      ended_at integer,
      CHECK ((state = 'open') = (ended_at IS NULL)),
      CHECK (state = 'released' OR (lease_id IS NOT NULL AND model IS NOT NULL
        AND price IS NOT NULL AND input_tokens IS NOT NULL))
    ) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency_keys (
      scope text NOT NULL,
      key text NOT NULL,
      body_hash text NOT NULL,
      made_id text NOT NULL,
      created_at integer NOT NULL,
      PRIMARY KEY (scope, key)
    ) STRICT, WITHOUT ROWID;

CREATE TABLE "idempotent_responses" (
      id text PRIMARY KEY REFERENCES holds (id),
      content_type text NOT NULL,
      body text NOT NULL,
      created_at integer NOT NULL
    ) STRICT;

CREATE TABLE journal (
      generation_id text NOT NULL REFERENCES holds (id),
      piece integer NOT NULL,
      text text NOT NULL,
      non_reply_output text NOT NULL,
      PRIMARY KEY (generation_id, piece)
    ) STRICT, WITHOUT ROWID;

CREATE TABLE "kysely_migration" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null);

CREATE TABLE "kysely_migration_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null);

CREATE TABLE leases (
      id text PRIMARY KEY,
      expires_at integer NOT NULL
    ) STRICT;

CREATE TABLE messages (
      id text PRIMARY KEY,
      user_id integer NOT NULL REFERENCES users (id),
      conversation_id text REFERENCES conversations (id),
      parent_id text,
      is_relayed integer NOT NULL DEFAULT 0 CHECK (is_relayed IN (0, 1)),
      model text NOT NULL,
      content text NOT NULL,
      reply text,
      status text NOT NULL CHECK (status IN
        ('pending', 'complete', 'incomplete', 'failed', 'imported')),
      failure text,
      created_at integer NOT NULL,
      ended_at integer,
      erased_at integer
    ) STRICT;

CREATE TABLE one_time_links (
      token_hash text PRIMARY KEY,
      purpose text NOT NULL CHECK (purpose IN ('setup', 'password')),
      user_id integer REFERENCES users (id),
      expires_at integer NOT NULL,
      CHECK ((purpose = 'setup') = (user_id IS NULL))
    ) STRICT;

CREATE TABLE refresh_tokens (
      jti text PRIMARY KEY,
      user_id integer NOT NULL REFERENCES users (id),
      issued_at integer NOT NULL,
      expires_at integer NOT NULL,
      revoked_at integer
    ) STRICT;

CREATE TABLE transfers (
      id text PRIMARY KEY,
      account_id integer NOT NULL REFERENCES accounts (id),
      number integer NOT NULL CHECK (number >= 1),
      kind text NOT NULL CHECK (kind IN ('grant', 'adjustment', 'charge', 'refund')),
      credits integer NOT NULL,
      balance_after integer NOT NULL CHECK (balance_after >= 0),
      actor text NOT NULL,
      reason text,
      refund_of text REFERENCES transfers (id),
      model text,
      usage_input integer,
      usage_cached_input integer,
      usage_output integer,
      usage_source text CHECK (usage_source IN ('provider', 'counted', 'flat')),
      price text,
      shortfall integer NOT NULL CHECK (shortfall >= 0),
      created_at integer NOT NULL,
      CHECK ((kind = 'charge') = (reason IS NULL)),
      CHECK ((kind = 'charge') = (model IS NOT NULL AND price IS NOT NULL
        AND usage_source IS NOT NULL)),
      CHECK ((kind = 'refund') = (refund_of IS NOT NULL)),
      CHECK (CASE kind WHEN 'charge' THEN credits <= 0 WHEN 'adjustment' THEN credits < 0
        ELSE credits > 0 END)
    ) STRICT, WITHOUT ROWID;

CREATE TABLE usage_active (
      period text PRIMARY KEY,
      users integer NOT NULL
    ) STRICT;

CREATE TABLE usage_models (
      granularity text NOT NULL CHECK (granularity IN ('hour', 'day', 'month')),
      period text NOT NULL,
      model text NOT NULL,
      messages integer NOT NULL,
      failed integer NOT NULL,
      charged integer NOT NULL,
      shortfall integer NOT NULL,
      refunded integer NOT NULL,
      usage_input integer NOT NULL,
      usage_cached_input integer NOT NULL,
      usage_output integer NOT NULL,
      durations text NOT NULL,
      PRIMARY KEY (granularity, period, model)
    ) STRICT, WITHOUT ROWID;

CREATE TABLE usage_progress (
      id integer PRIMARY KEY CHECK (id = 1),
      until_at integer NOT NULL
    ) STRICT;

CREATE TABLE usage_users (
      user_id integer NOT NULL,
      period text NOT NULL,
      messages integer NOT NULL,
      failed integer NOT NULL,
      charged integer NOT NULL,
      usage_input integer NOT NULL,
      usage_output integer NOT NULL,
      PRIMARY KEY (user_id, period)
    ) STRICT, WITHOUT ROWID;

CREATE TABLE users (
      id integer PRIMARY KEY,
      username text UNIQUE,
      password_hash text NOT NULL,
      is_active integer NOT NULL CHECK (is_active IN (0, 1)),
      is_staff integer NOT NULL CHECK (is_staff IN (0, 1)),
      is_superuser integer NOT NULL CHECK (is_superuser IN (0, 1)),
      joined_at integer NOT NULL,
      refresh_cutoff_at integer NOT NULL,
      access_cutoff_at integer NOT NULL DEFAULT 0,
      last_seen_at integer NOT NULL DEFAULT 0,
      deleted_at integer
    ) STRICT;

INSERT INTO accounts (id, posted, held, transfer_count)
VALUES (117227656708987, 4000, 0, 1);
INSERT INTO accounts (id, posted, held, transfer_count)
VALUES (117227657096008, 4194, 4097, 7);
INSERT INTO accounts (id, posted, held, transfer_count)
VALUES (117227657364581, 3950, 0, 4);
INSERT INTO accounts (id, posted, held, transfer_count)
VALUES (117227657613238, 4000, 0, 1);
INSERT INTO api_keys (id, user_id, name, prefix, secret_hash, models, budget, spent, held, created_at, expires_at, last_used_at, ended_at)
VALUES ('01a220bd-b756-7216-b188-e1f0aa65be48', 117227657096008, 'editor', 'chit_uKZ0kV7', '1536783f3703bfc09b78ff52f4923f3b2aaa7d929bd588348800c5807f2d24e3', NULL, 500, 13, 0, 1795845633878, NULL, 1795845633883, NULL);
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a220bd-b560-702a-b246-a56f565750f0', 1795845633376, 'cli:root', NULL, 'user.create', 'user:117227656708987', NULL, NULL, '{"is_staff":true,"is_superuser":true,"tokens":4000}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a220bd-b869-71de-9e70-e860f5e88505', 1795845634153, 'cli:root', NULL, 'credits.grant', 'user:117227657096008', 'A gift', NULL, '{"tokens":250,"transfer":"01a220bd-b869-71dd-aa7e-752f3f56dad5"}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a220bd-b976-7310-9b9d-1451cf651e91', 1795845634422, 'cli:root', NULL, 'credits.grant', 'user:117227657364581', 'Taken back', NULL, '{"tokens":-50,"transfer":"01a220bd-b976-730f-8553-dabc6c4d7b91"}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a220bd-ba7b-7581-b4bf-6f69bfa791ef', 1795845634683, 'cli:root', NULL, 'credits.refund', 'user:117227657364581', 'It was not good', NULL, '{"charge":"01a220bd-b733-77bd-be7c-41efcfcc0472","transfer":"01a220bd-ba7b-7580-86d6-a213890bbc33"}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a220bd-bb85-72c7-9bee-31fb24a015d6', 1795845634949, 'cli:root', NULL, 'user.change', 'user:117227657613238', NULL, '{"is_active":true,"is_staff":false,"is_superuser":false}', '{"is_active":false,"is_staff":false,"is_superuser":false}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a220bd-bb97-77f7-8d77-badb5e7c12b8', 1795845634967, 'user:117227656708987', '127.0.0.1', 'user.password_link', 'user:117227657364581', NULL, NULL, NULL);
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a220bd-bc9c-71e1-9c97-f63f7e0bc6a3', 1795845635228, 'cli:root', NULL, 'user.delete', 'user:117227657613238', NULL, '{"tokens":4000,"keys":0}', NULL);
INSERT INTO conversations (id, user_id, title, model, system_prompt, leaf_id, share_token, adopts_orphans, created_at, updated_at)
VALUES ('01a220bd-b739-71e7-8ffa-db386544b495', 117227657096008, 'Hello', NULL, '', '01a220bd-b71d-70ad-b715-53930e5fa19e', NULL, 1, 1795845633631, 1795845633821);
INSERT INTO conversations (id, user_id, title, model, system_prompt, leaf_id, share_token, adopts_orphans, created_at, updated_at)
VALUES ('01a220bd-b742-70b2-af89-de8cefe28a88', 117227657096008, 'Mine', NULL, '', '01a220bd-b748-7212-86a0-97132bb2812d', '8_CNp7RRhHtZrtJ3-n0KHrfg', 0, 1795845633858, 1795845633864);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a220bd-b65f-75ce-b513-8c78004abe5c', 117227657096008, 10, 'settled', '01a220bd-b2ee-7461-b8e8-7e0382cbdc91', 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', 0, 'a key of chat', NULL, NULL, 1795845633631, 1795845633647);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a220bd-b6e1-741d-84c5-899aa1a9f42a', 117227657096008, 3990, 'settled', '01a220bd-b2ee-7461-b8e8-7e0382cbdc91', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 6, NULL, NULL, NULL, 1795845633761, 1795845633778);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a220bd-b6f7-7049-a502-a4d9497eec51', 117227657096008, 3977, 'released', '01a220bd-b2ee-7461-b8e8-7e0382cbdc91', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 2, NULL, NULL, NULL, 1795845633783, 1795845633793);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a220bd-b71d-70ad-b715-53930e5fa19e', 117227657096008, 3977, 'settled', '01a220bd-b2ee-7461-b8e8-7e0382cbdc91', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 3, NULL, NULL, NULL, 1795845633821, 1795845633841);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a220bd-b733-77bd-be7c-41efcfcc0472', 117227657364581, 10, 'settled', '01a220bd-b2ee-7461-b8e8-7e0382cbdc91', 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', 0, NULL, NULL, NULL, 1795845633844, 1795845633846);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a220bd-b748-7212-86a0-97132bb2812d', 117227657096008, 3970, 'settled', '01a220bd-b2ee-7461-b8e8-7e0382cbdc91', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 3, NULL, NULL, NULL, 1795845633864, 1795845633873);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a220bd-b75d-7517-a742-aa79ad44a7bf', 117227657096008, 500, 'settled', '01a220bd-b2ee-7461-b8e8-7e0382cbdc91', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 2, 'a key of v1', '01a220bd-b756-7216-b188-e1f0aa65be48', NULL, 1795845633885, 1795845633888);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a220be-c60c-73e3-8e79-dac5c18cb696', 117227657096008, 4097, 'open', '01a220bd-b2ee-7461-b8e8-7e0382cbdc91', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 4, NULL, NULL, NULL, 1795845703181, NULL);
INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
VALUES ('chat:117227657096008', 'a key of chat', 'BJfun-ER6vNp4xnkXtHwu7xMA0ul0brwPSdK9aNXD7k', '01a220bd-b65f-75ce-b513-8c78004abe5c', 1795845633631);
INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
VALUES ('chat:117227657096008', 'a key of v1', 'Zfit37KAvVJ-rMPvwcxvIir8GNoUJK-DSVEUrgMhQtA', '01a220bd-b75d-7517-a742-aa79ad44a7bf', 1795845633885);
INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
VALUES ('grant:117227657096008', 'a key of grant', 'LnN1mDWbLoZO23Q5v7Fdh-rfJtXBo4V-oAK_Ovo8E08', '01a220bd-b869-71dd-aa7e-752f3f56dad5', 1795845634153);
INSERT INTO idempotent_responses (id, content_type, body, created_at)
VALUES ('01a220bd-b75d-7517-a742-aa79ad44a7bf', 'application/json', '{"id":"chatcmpl-6","object":"chat.completion","created":1795845633,"model":"metered","choices":[{"index":0,"message":{"role":"assistant","content":"Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":12,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default","system_fingerprint":"fp_emulated"}', 1795845633885);
INSERT INTO journal (generation_id, piece, text, non_reply_output)
VALUES ('01a220be-c60c-73e3-8e79-dac5c18cb696', 0, 'Grüße aus 東京 und Zürich', '');
INSERT INTO kysely_migration (name, timestamp)
VALUES ('0001-initial', '2026-11-28T06:00:32.742Z');
INSERT INTO kysely_migration (name, timestamp)
VALUES ('0002-administration', '2026-11-28T06:00:32.743Z');
INSERT INTO kysely_migration (name, timestamp)
VALUES ('0003-codes-and-names', '2026-11-28T06:00:32.748Z');
INSERT INTO kysely_migration_lock (id, is_locked)
VALUES ('migration_lock', 0);
INSERT INTO leases (id, expires_at)
VALUES ('01a220bd-b2ee-7461-b8e8-7e0382cbdc91', 1795845713087);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a220bd-b65f-75ce-b513-8c78004abe5c', 117227657096008, '01a220bd-b739-71e7-8ffa-db386544b495', NULL, 0, 'flat', 'Hello', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, 1795845633631, 1795845633647, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a220bd-b6e1-741d-84c5-899aa1a9f42a', 117227657096008, '01a220bd-b739-71e7-8ffa-db386544b495', '01a220bd-b65f-75ce-b513-8c78004abe5c', 0, 'metered', 'It''s a ''quoted'' question', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, 1795845633761, 1795845633778, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a220bd-b6f7-7049-a502-a4d9497eec51', 117227657096008, '01a220bd-b739-71e7-8ffa-db386544b495', '01a220bd-b6e1-741d-84c5-899aa1a9f42a', 0, 'metered', 'This fails', NULL, 'failed', 'model_failed', 1795845633783, 1795845633793, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a220bd-b71d-70ad-b715-53930e5fa19e', 117227657096008, '01a220bd-b739-71e7-8ffa-db386544b495', '01a220bd-b6f7-7049-a502-a4d9497eec51', 0, 'metered', 'This breaks off', 'Grüße aus 東京 und', 'incomplete', 'model_broke_off', 1795845633821, 1795845633841, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a220bd-b733-77bd-be7c-41efcfcc0472', 117227657364581, NULL, NULL, 0, 'flat', 'From bob', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, 1795845633844, 1795845633846, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a220bd-b748-7212-86a0-97132bb2812d', 117227657096008, '01a220bd-b742-70b2-af89-de8cefe28a88', NULL, 0, 'metered', 'In a conversation', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, 1795845633864, 1795845633873, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a220bd-b75d-7517-a742-aa79ad44a7bf', 117227657096008, NULL, NULL, 1, 'metered', 'Relayed', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, 1795845633885, 1795845633888, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a220be-c60c-73e3-8e79-dac5c18cb696', 117227657096008, NULL, NULL, 0, 'metered', 'This is never finished', NULL, 'pending', NULL, 1795845703181, NULL, NULL);
INSERT INTO one_time_links (token_hash, purpose, user_id, expires_at)
VALUES ('e444e7ff2230ce844f7bc3a400e0ab3a172dcdc4d73b28a7dff2aadbb25a0816', 'setup', NULL, 1795847433072);
INSERT INTO one_time_links (token_hash, purpose, user_id, expires_at)
VALUES ('d40c05dd6ad4d9f16b1a4b414a8d007155e29cfbf414606a1690030205144db0', 'password', 117227657364581, 1795932034966);
INSERT INTO refresh_tokens (jti, user_id, issued_at, expires_at, revoked_at)
VALUES ('82a7aeea87dc4bf0ae4c250a8df5f193', 117227656708987, 1795845633000, 1795932033000, NULL);
INSERT INTO refresh_tokens (jti, user_id, issued_at, expires_at, revoked_at)
VALUES ('ccdcd5a0fb42b3f581014b7f97820884', 117227657096008, 1795845633000, 1795932033000, NULL);
INSERT INTO refresh_tokens (jti, user_id, issued_at, expires_at, revoked_at)
VALUES ('8c855523b09cdca550e86297e0f64ce7', 117227657364581, 1795845633000, 1795932033000, NULL);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220bd-b560-7029-b225-21b68cd7e8a8', 117227656708987, 1, 'grant', 4000, 4000, 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795845633376);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220bd-b5be-7675-b409-88c6de8c493d', 117227657096008, 1, 'grant', 4000, 4000, 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795845633470);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220bd-b600-77b4-94e3-325a92f203e4', 117227657364581, 1, 'grant', 4000, 4000, 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795845633536);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220bd-b63c-771e-89e1-8ad139076e83', 117227657613238, 1, 'grant', 4000, 4000, 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795845633596);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220bd-b65f-75ce-b513-8c78004abe5c', 117227657096008, 2, 'charge', -10, 3990, 'system', NULL, NULL, 'flat', 1, 0, 12, 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', 0, 1795845633647);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220bd-b6e1-741d-84c5-899aa1a9f42a', 117227657096008, 3, 'charge', -13, 3977, 'system', NULL, NULL, 'metered', 4, 0, 12, 'provider', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 0, 1795845633778);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220bd-b71d-70ad-b715-53930e5fa19e', 117227657096008, 4, 'charge', -7, 3970, 'system', NULL, NULL, 'metered', 3, NULL, 6, 'counted', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 0, 1795845633841);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220bd-b733-77bd-be7c-41efcfcc0472', 117227657364581, 2, 'charge', -10, 3990, 'system', NULL, NULL, 'flat', 2, 0, 12, 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', 0, 1795845633846);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220bd-b748-7212-86a0-97132bb2812d', 117227657096008, 5, 'charge', -13, 3957, 'system', NULL, NULL, 'metered', 3, 0, 12, 'provider', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 0, 1795845633873);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220bd-b75d-7517-a742-aa79ad44a7bf', 117227657096008, 6, 'charge', -13, 3944, 'system', NULL, NULL, 'metered', 1, 0, 12, 'provider', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 0, 1795845633888);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220bd-b869-71dd-aa7e-752f3f56dad5', 117227657096008, 7, 'grant', 250, 4194, 'cli:root', 'A gift', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795845634153);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220bd-b976-730f-8553-dabc6c4d7b91', 117227657364581, 3, 'adjustment', -50, 3940, 'cli:root', 'Taken back', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795845634422);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220bd-ba7b-7580-86d6-a213890bbc33', 117227657364581, 4, 'refund', 10, 3950, 'cli:root', 'It was not good', '01a220bd-b733-77bd-be7c-41efcfcc0472', NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795845634683);
INSERT INTO usage_active (period, users)
VALUES ('2026-11-28T06', 2);
INSERT INTO usage_active (period, users)
VALUES ('2026-11-28', 2);
INSERT INTO usage_active (period, users)
VALUES ('2026-11', 2);
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('day', '2026-11-28', 'flat', 2, 0, 20, 0, 10, 3, 0, 24, '[1,0,0,1]');
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('day', '2026-11-28', 'metered', 4, 1, 46, 0, 0, 11, 0, 42, '[2,0,0,1,1]');
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('hour', '2026-11-28T06', 'flat', 2, 0, 20, 0, 10, 3, 0, 24, '[1,0,0,1]');
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('hour', '2026-11-28T06', 'metered', 4, 1, 46, 0, 0, 11, 0, 42, '[2,0,0,1,1]');
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('month', '2026-11', 'flat', 2, 0, 20, 0, 10, 3, 0, 24, '[1,0,0,1]');
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('month', '2026-11', 'metered', 4, 1, 46, 0, 0, 11, 0, 42, '[2,0,0,1,1]');
INSERT INTO usage_progress (id, until_at)
VALUES (1, 1795845643071);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117227657096008, '2026-11', 5, 1, 56, 12, 54);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117227657096008, '2026-11-28', 5, 1, 56, 12, 54);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117227657096008, '2026-11-28T06', 5, 1, 56, 12, 54);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117227657364581, '2026-11', 1, 0, 10, 2, 12);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117227657364581, '2026-11-28', 1, 0, 10, 2, 12);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117227657364581, '2026-11-28T06', 1, 0, 10, 2, 12);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES (117227656708987, 'root', '$argon2id$v=19$m=19456,t=2,p=1$3Z992kaIXd8y9CMY31R0jg$vTrQ2e2hHHo6K+x0044Ms445VKzBg1lS17uW337wnpA', 1, 1, 1, 1795845633376, 0, 0, 1795845634965, NULL);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES (117227657096008, 'ada', '$argon2id$v=19$m=19456,t=2,p=1$47hBazKzroe28zZnopT1MQ$rSlzosC53F8ByehNa5hRrVCyytz5VcdrwQMSz8MR5hg', 1, 0, 0, 1795845633470, 0, 0, 1795845633883, NULL);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES (117227657364581, 'bob', '$argon2id$v=19$m=19456,t=2,p=1$lfGJjG1rPvcQH+3DPoLAng$Ruz9MLLscucM3G0PIwwrV/RfnVUK06U1+ulfqEGOVEM', 1, 0, 0, 1795845633536, 0, 0, 1795845633843, NULL);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES (117227657613238, NULL, '', 0, 0, 0, 1795845633596, 0, 0, 0, 1795845635228);

CREATE INDEX accounts_by_balance ON accounts (posted, id);

CREATE INDEX api_keys_by_user ON api_keys (user_id);

CREATE INDEX audit_log_by_action ON audit_log (action, id);

CREATE INDEX audit_log_by_actor ON audit_log (actor, id);

CREATE INDEX audit_log_by_target ON audit_log (target, id);

CREATE TRIGGER audit_log_refuse_delete BEFORE DELETE ON audit_log BEGIN SELECT RAISE(ABORT, 'rows of audit_log are never changed'); END;

CREATE TRIGGER audit_log_refuse_replace BEFORE INSERT ON audit_log
        WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'rows of audit_log are never changed'); END;

CREATE TRIGGER audit_log_refuse_update BEFORE UPDATE ON audit_log BEGIN SELECT RAISE(ABORT, 'rows of audit_log are never changed'); END;

CREATE UNIQUE INDEX conversations_adopting_orphans ON conversations (user_id)
    WHERE adopts_orphans = 1;

CREATE INDEX conversations_by_use ON conversations (user_id, updated_at, id);

CREATE INDEX holds_by_api_key ON holds (api_key_id) WHERE api_key_id IS NOT NULL;

CREATE INDEX holds_open ON holds (lease_id) WHERE state = 'open';

CREATE INDEX holds_to_stop ON holds (id)
      WHERE stop_requested_at IS NOT NULL AND state = 'open';

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE INDEX idempotent_responses_by_age ON idempotent_responses (created_at);

CREATE INDEX messages_alone ON messages (user_id, is_relayed, id)
      WHERE conversation_id IS NULL AND erased_at IS NULL;

CREATE INDEX messages_by_conversation ON messages (conversation_id, id)
      WHERE conversation_id IS NOT NULL;

CREATE UNIQUE INDEX one_time_links_by_user ON one_time_links (user_id);

CREATE UNIQUE INDEX one_time_links_setup ON one_time_links (purpose)
      WHERE purpose = 'setup';

CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);

CREATE UNIQUE INDEX transfers_by_account ON transfers (account_id, number);

CREATE UNIQUE INDEX transfers_by_refund ON transfers (refund_of) WHERE refund_of IS NOT NULL;

CREATE TRIGGER transfers_refuse_delete BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'rows of transfers are never changed'); END;

CREATE TRIGGER transfers_refuse_replace BEFORE INSERT ON transfers
        WHEN EXISTS (SELECT 1 FROM transfers WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM transfers WHERE account_id = NEW.account_id AND number = NEW.number) OR EXISTS (SELECT 1 FROM transfers WHERE refund_of = NEW.refund_of) BEGIN SELECT RAISE(ABORT, 'rows of transfers are never changed'); END;

CREATE TRIGGER transfers_refuse_update BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'rows of transfers are never changed'); END;

CREATE INDEX usage_users_by_charge ON usage_users (period, charged, user_id)
      WHERE length(period) < 13;

CREATE INDEX users_by_joining ON users (joined_at, id);

CREATE INDEX users_by_last_seen ON users (last_seen_at, id);

CREATE INDEX users_by_name ON users (lower(username), id);

CREATE INDEX users_disabled ON users (lower(username), id)
    WHERE is_active = 0 AND deleted_at IS NULL;

CREATE INDEX users_staff ON users (lower(username), id)
    WHERE is_staff = 1 AND deleted_at IS NULL;
