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
VALUES (117207776566249, 4000, 0, 1);
INSERT INTO accounts (id, posted, held, transfer_count)
VALUES (117207780240498, 4194, 4097, 7);
INSERT INTO accounts (id, posted, held, transfer_count)
VALUES (117207782215588, 3950, 0, 4);
INSERT INTO accounts (id, posted, held, transfer_count)
VALUES (117207783722425, 4000, 0, 1);
INSERT INTO api_keys (id, user_id, name, prefix, secret_hash, models, budget, spent, held, created_at, expires_at, last_used_at, ended_at)
VALUES ('01a22073-b282-75e3-85b9-fb609a333f4a', 117207780240498, 'editor', 'chit_zAuGYzr', '8ecdf443f9c8eb7c0e0977d5c797382392d8d12c31b7acfd79672e7816d5956e', NULL, 500, 13, 0, 1795840782978, NULL, 1795840782990, NULL);
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22073-a631-767c-a861-aa804bc90300', 1795840779825, 'cli:root', NULL, 'user.create', 'user:117207776566249', NULL, NULL, '{"is_staff":true,"is_superuser":true,"tokens":4000}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22073-b57e-7511-9077-c83c4198a509', 1795840783742, 'cli:root', NULL, 'credits.grant', 'user:117207780240498', 'A gift', NULL, '{"tokens":250,"transfer":"01a22073-b57d-7623-a8d1-10014ef10a3a"}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22073-ba26-7606-9f52-38a4ab9b6d0a', 1795840784934, 'cli:root', NULL, 'credits.grant', 'user:117207782215588', 'Taken back', NULL, '{"tokens":-50,"transfer":"01a22073-ba26-7605-83fe-9303875845d3"}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22073-bda5-7102-81d0-f543a18c6547', 1795840785829, 'cli:root', NULL, 'credits.refund', 'user:117207782215588', 'It was not good', NULL, '{"charge":"01a22073-b21d-77e8-a236-ef1127a733a4","transfer":"01a22073-bda5-7101-bb6e-508af6e48b7c"}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22073-c201-74bd-8671-2b06f53f325e', 1795840786945, 'cli:root', NULL, 'user.change', 'user:117207783722425', NULL, '{"is_active":true,"is_staff":false,"is_superuser":false}', '{"is_active":false,"is_staff":false,"is_superuser":false}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22073-c241-721d-9b43-49c9ca63f5e7', 1795840787009, 'user:117207776566249', '127.0.0.1', 'user.password_link', 'user:117207782215588', NULL, NULL, NULL);
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22073-c4e0-75b8-93ee-7c9fd59c56f0', 1795840787680, 'cli:root', NULL, 'user.delete', 'user:117207783722425', NULL, '{"tokens":4000,"keys":0}', NULL);
INSERT INTO conversations (id, user_id, title, model, system_prompt, leaf_id, share_token, adopts_orphans, created_at, updated_at)
VALUES ('01a22073-b224-75dd-b0d8-18cbde486c19', 117207780240498, 'Hello', NULL, '', '01a22073-b1f7-75a6-9b05-d57415437960', NULL, 1, 1795840781831, 1795840782839);
INSERT INTO conversations (id, user_id, title, model, system_prompt, leaf_id, share_token, adopts_orphans, created_at, updated_at)
VALUES ('01a22073-b24e-70d8-9122-d7ab130d7501', 117207780240498, 'Mine', NULL, '', '01a22073-b255-7219-bd55-d5af520d2a40', 'cRToWY-POes8qABztcip0X0O', 0, 1795840782925, 1795840782933);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a22073-ae07-7250-a427-70448b3d3cf9', 117207780240498, 10, 'settled', '01a22073-8d58-7066-94ed-5e9ab9e120cb', 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', 0, 'a key of chat', NULL, NULL, 1795840781831, 1795840781918);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a22073-ae70-7428-a0b1-588bf56fce01', 117207780240498, 3990, 'settled', '01a22073-8d58-7066-94ed-5e9ab9e120cb', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 6, NULL, NULL, NULL, 1795840781936, 1795840782825);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a22073-b1ec-77c8-b1b5-b9013f305830', 117207780240498, 3977, 'released', '01a22073-8d58-7066-94ed-5e9ab9e120cb', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 2, NULL, NULL, NULL, 1795840782828, 1795840782835);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a22073-b1f7-75a6-9b05-d57415437960', 117207780240498, 3977, 'settled', '01a22073-8d58-7066-94ed-5e9ab9e120cb', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 3, NULL, NULL, NULL, 1795840782839, 1795840782873);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a22073-b21d-77e8-a236-ef1127a733a4', 117207782215588, 10, 'settled', '01a22073-8d58-7066-94ed-5e9ab9e120cb', 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', 0, NULL, NULL, NULL, 1795840782877, 1795840782880);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a22073-b255-7219-bd55-d5af520d2a40', 117207780240498, 3970, 'settled', '01a22073-8d58-7066-94ed-5e9ab9e120cb', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 3, NULL, NULL, NULL, 1795840782933, 1795840782957);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a22073-b290-72d1-8e8f-7e7e55eb260f', 117207780240498, 500, 'settled', '01a22073-8d58-7066-94ed-5e9ab9e120cb', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 2, 'a key of v1', '01a22073-b282-75e3-85b9-fb609a333f4a', NULL, 1795840782992, 1795840782995);
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a22074-ad29-72bc-ba1e-36816b2e485e', 117207780240498, 4097, 'open', '01a22073-8d58-7066-94ed-5e9ab9e120cb', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 4, NULL, NULL, NULL, 1795840847145, NULL);
INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
VALUES ('chat:117207780240498', 'a key of chat', 'BJfun-ER6vNp4xnkXtHwu7xMA0ul0brwPSdK9aNXD7k', '01a22073-ae07-7250-a427-70448b3d3cf9', 1795840781831);
INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
VALUES ('chat:117207780240498', 'a key of v1', 'Zfit37KAvVJ-rMPvwcxvIir8GNoUJK-DSVEUrgMhQtA', '01a22073-b290-72d1-8e8f-7e7e55eb260f', 1795840782992);
INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
VALUES ('grant:117207780240498', 'a key of grant', 'LnN1mDWbLoZO23Q5v7Fdh-rfJtXBo4V-oAK_Ovo8E08', '01a22073-b57d-7623-a8d1-10014ef10a3a', 1795840783742);
INSERT INTO idempotent_responses (id, content_type, body, created_at)
VALUES ('01a22073-b290-72d1-8e8f-7e7e55eb260f', 'application/json', '{"id":"chatcmpl-6","object":"chat.completion","created":1795840782,"model":"metered","choices":[{"index":0,"message":{"role":"assistant","content":"Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":12,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default","system_fingerprint":"fp_emulated"}', 1795840782992);
INSERT INTO journal (generation_id, piece, text, non_reply_output)
VALUES ('01a22074-ad29-72bc-ba1e-36816b2e485e', 0, 'Grüße aus 東京 und Zürich', '');
INSERT INTO kysely_migration (name, timestamp)
VALUES ('0001-initial', '2026-11-28T04:39:33.311Z');
INSERT INTO kysely_migration (name, timestamp)
VALUES ('0002-administration', '2026-11-28T04:39:33.354Z');
INSERT INTO kysely_migration (name, timestamp)
VALUES ('0003-codes-and-names', '2026-11-28T04:39:33.442Z');
INSERT INTO kysely_migration_lock (id, is_locked)
VALUES ('migration_lock', 0);
INSERT INTO leases (id, expires_at)
VALUES ('01a22073-8d58-7066-94ed-5e9ab9e120cb', 1795840855609);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22073-ae07-7250-a427-70448b3d3cf9', 117207780240498, '01a22073-b224-75dd-b0d8-18cbde486c19', NULL, 0, 'flat', 'Hello', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, 1795840781831, 1795840781918, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22073-ae70-7428-a0b1-588bf56fce01', 117207780240498, '01a22073-b224-75dd-b0d8-18cbde486c19', '01a22073-ae07-7250-a427-70448b3d3cf9', 0, 'metered', 'It''s a ''quoted'' question', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, 1795840781936, 1795840782825, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22073-b1ec-77c8-b1b5-b9013f305830', 117207780240498, '01a22073-b224-75dd-b0d8-18cbde486c19', '01a22073-ae70-7428-a0b1-588bf56fce01', 0, 'metered', 'This fails', NULL, 'failed', 'model_failed', 1795840782828, 1795840782835, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22073-b1f7-75a6-9b05-d57415437960', 117207780240498, '01a22073-b224-75dd-b0d8-18cbde486c19', '01a22073-b1ec-77c8-b1b5-b9013f305830', 0, 'metered', 'This breaks off', 'Grüße aus 東京 und', 'incomplete', 'model_broke_off', 1795840782839, 1795840782873, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22073-b21d-77e8-a236-ef1127a733a4', 117207782215588, NULL, NULL, 0, 'flat', 'From bob', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, 1795840782877, 1795840782880, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22073-b255-7219-bd55-d5af520d2a40', 117207780240498, '01a22073-b24e-70d8-9122-d7ab130d7501', NULL, 0, 'metered', 'In a conversation', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, 1795840782933, 1795840782957, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22073-b290-72d1-8e8f-7e7e55eb260f', 117207780240498, NULL, NULL, 1, 'metered', 'Relayed', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, 1795840782992, 1795840782995, NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22074-ad29-72bc-ba1e-36816b2e485e', 117207780240498, NULL, NULL, 0, 'metered', 'This is never finished', NULL, 'pending', NULL, 1795840847145, NULL, NULL);
INSERT INTO one_time_links (token_hash, purpose, user_id, expires_at)
VALUES ('2e8f715d404ba2b21ceebcaa3a274c8955aac59822c8740cd216db37fef3e7a3', 'setup', NULL, 1795842577065);
INSERT INTO one_time_links (token_hash, purpose, user_id, expires_at)
VALUES ('6d1f2bae3f3f8a578d0b4e8d9980e46a6824951c96c06f23ad1113e6eb117237', 'password', 117207782215588, 1795927187009);
INSERT INTO refresh_tokens (jti, user_id, issued_at, expires_at, revoked_at)
VALUES ('2a70623fca9306075e887cc97fbde588', 117207776566249, 1795840780000, 1795927180000, NULL);
INSERT INTO refresh_tokens (jti, user_id, issued_at, expires_at, revoked_at)
VALUES ('b5a4621ce02282f61a1b81001d86e8c7', 117207780240498, 1795840780000, 1795927180000, NULL);
INSERT INTO refresh_tokens (jti, user_id, issued_at, expires_at, revoked_at)
VALUES ('0da7df2dd88a327ed4704ddfcfeb081f', 117207782215588, 1795840781000, 1795927181000, NULL);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22073-a631-767b-af48-88b675e00950', 117207776566249, 1, 'grant', 4000, 4000, 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795840779825);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22073-a9b2-76d2-9ef3-d1210ff2fb55', 117207780240498, 1, 'grant', 4000, 4000, 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795840780722);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22073-ab94-719f-9661-530a8057ea96', 117207782215588, 1, 'grant', 4000, 4000, 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795840781204);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22073-ad04-76dc-b647-8f2a9c079a33', 117207783722425, 1, 'grant', 4000, 4000, 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795840781572);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22073-ae07-7250-a427-70448b3d3cf9', 117207780240498, 2, 'charge', -10, 3990, 'system', NULL, NULL, 'flat', 1, 0, 12, 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', 0, 1795840781918);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22073-ae70-7428-a0b1-588bf56fce01', 117207780240498, 3, 'charge', -13, 3977, 'system', NULL, NULL, 'metered', 4, 0, 12, 'provider', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 0, 1795840782825);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22073-b1f7-75a6-9b05-d57415437960', 117207780240498, 4, 'charge', -7, 3970, 'system', NULL, NULL, 'metered', 3, NULL, 6, 'counted', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 0, 1795840782873);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22073-b21d-77e8-a236-ef1127a733a4', 117207782215588, 2, 'charge', -10, 3990, 'system', NULL, NULL, 'flat', 2, 0, 12, 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', 0, 1795840782880);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22073-b255-7219-bd55-d5af520d2a40', 117207780240498, 5, 'charge', -13, 3957, 'system', NULL, NULL, 'metered', 3, 0, 12, 'provider', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 0, 1795840782957);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22073-b290-72d1-8e8f-7e7e55eb260f', 117207780240498, 6, 'charge', -13, 3944, 'system', NULL, NULL, 'metered', 1, 0, 12, 'provider', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', 0, 1795840782995);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22073-b57d-7623-a8d1-10014ef10a3a', 117207780240498, 7, 'grant', 250, 4194, 'cli:root', 'A gift', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795840783742);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22073-ba26-7605-83fe-9303875845d3', 117207782215588, 3, 'adjustment', -50, 3940, 'cli:root', 'Taken back', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795840784934);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22073-bda5-7101-bb6e-508af6e48b7c', 117207782215588, 4, 'refund', 10, 3950, 'cli:root', 'It was not good', '01a22073-b21d-77e8-a236-ef1127a733a4', NULL, NULL, NULL, NULL, NULL, NULL, 0, 1795840785829);
INSERT INTO usage_active (period, users)
VALUES ('2026-11-28T04', 2);
INSERT INTO usage_active (period, users)
VALUES ('2026-11-28', 2);
INSERT INTO usage_active (period, users)
VALUES ('2026-11', 2);
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('day', '2026-11-28', 'flat', 2, 0, 20, 0, 10, 3, 0, 24, '[1,0,0,0,0,0,0,0,0,0,0,0,1]');
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('day', '2026-11-28', 'metered', 4, 1, 46, 0, 0, 11, 0, 42, '[1,0,0,0,0,1,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1]');
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('hour', '2026-11-28T04', 'flat', 2, 0, 20, 0, 10, 3, 0, 24, '[1,0,0,0,0,0,0,0,0,0,0,0,1]');
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('hour', '2026-11-28T04', 'metered', 4, 1, 46, 0, 0, 11, 0, 42, '[1,0,0,0,0,1,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1]');
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('month', '2026-11', 'flat', 2, 0, 20, 0, 10, 3, 0, 24, '[1,0,0,0,0,0,0,0,0,0,0,0,1]');
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('month', '2026-11', 'metered', 4, 1, 46, 0, 0, 11, 0, 42, '[1,0,0,0,0,1,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1]');
INSERT INTO usage_progress (id, until_at)
VALUES (1, 1795840787037);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117207780240498, '2026-11', 5, 1, 56, 12, 54);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117207780240498, '2026-11-28', 5, 1, 56, 12, 54);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117207780240498, '2026-11-28T04', 5, 1, 56, 12, 54);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117207782215588, '2026-11', 1, 0, 10, 2, 12);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117207782215588, '2026-11-28', 1, 0, 10, 2, 12);
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES (117207782215588, '2026-11-28T04', 1, 0, 10, 2, 12);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES (117207776566249, 'root', '$argon2id$v=19$m=19456,t=2,p=1$h7gpsJ56xdafnSDErIJljA$uDE4Oz3xmA3dgnsoaHrpwwxzbhCEvbzto04pdxBKvTU', 1, 1, 1, 1795840779825, 0, 0, 1795840787007, NULL);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES (117207780240498, 'ada', '$argon2id$v=19$m=19456,t=2,p=1$I3UesKss79YypIX6p3RcYg$L4RFA9ez1Hmz1qcYTvDG9PyW6FnXrioTcHSRJJ/xBAM', 1, 0, 0, 1795840780722, 0, 0, 1795840782990, NULL);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES (117207782215588, 'bob', '$argon2id$v=19$m=19456,t=2,p=1$MVhbEAHUUuqsaJCuTPVXsA$LXFqgqVefLX2Es3/jCpY4vB/X11fwlLtF0+RfboHmCU', 1, 0, 0, 1795840781204, 0, 0, 1795840782876, NULL);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES (117207783722425, NULL, '', 0, 0, 0, 1795840781572, 0, 0, 0, 1795840787680);

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
