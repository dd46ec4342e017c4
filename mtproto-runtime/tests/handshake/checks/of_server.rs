//! What a server checks.

use core::time::Duration;

use mtproto_runtime::crypto::dh::{DhError, DhPrimeCache, DhSecret};
use mtproto_runtime::handshake::{
    ClientHandshake, ClientStep, EXCHANGE_LIFETIME, HandshakeError, Message, PeerIncompatible,
    PeerMisbehaved, ServerConfig, ServerHandshake, ServerStep,
};
use mtproto_runtime::schema::mtproto::{enums, functions, types};
use mtproto_runtime::wire::encode;

use super::{
    await_req_dh, await_set_dh, encrypt, inner_error, misbehaved, publics, req_dh_error, rng_bytes,
};
use crate::forge::{Secrets, inner_data, object, plain};
use crate::support::{
    NOW, PUBLIC_KEY, SERVER, client_config, group, handshake, private_key, rng, server_config,
};

#[test]
fn check_13_a_repeated_query_gets_its_answer_for_ten_minutes_and_a_wrong_one_ends_the_exchange() {
    let honest = handshake(1, client_config());
    let [req_pq, res_pq, req_dh, dh_params, set_dh, dh_gen] = &honest.messages;
    let start = || {
        let mut rng_s = rng(!1);
        let (server, answer) = ServerHandshake::start(&SERVER, NOW, req_pq, &mut rng_s).unwrap();
        assert_eq!(&answer, res_pq);
        (server, rng_s)
    };
    let sent = |step| match step {
        ServerStep::Send(answer) => answer,
        step => panic!("{step:?}"),
    };
    let last = NOW.after(EXCHANGE_LIFETIME);
    let over = last.after(Duration::from_nanos(1));

    // The same answers until the last moment, at every step.
    let (mut server, mut rng_s) = start();
    assert_eq!(
        &sent(server.handle(&SERVER, last, req_pq, &mut rng_s)),
        res_pq
    );
    assert_eq!(
        &sent(server.handle(&SERVER, NOW, req_dh, &mut rng_s)),
        dh_params
    );
    for query in [req_pq, req_dh] {
        let answer = sent(server.handle(&SERVER, last, query, &mut rng(99)));
        assert!([res_pq, dh_params].contains(&&answer));
    }
    let step = server.handle(&SERVER, NOW, set_dh, &mut rng_s);
    assert!(matches!(step, ServerStep::CheckAuthKeyId(_)));
    assert_eq!(&server.accept(NOW).unwrap().1, dh_gen);
    assert_eq!(
        &sent(server.handle(&SERVER, last, set_dh, &mut rng(99))),
        dh_gen
    );
    // Then it is forgotten.
    assert!(!server.is_expired(last) && server.is_expired(over));
    for query in [req_pq, req_dh, set_dh] {
        let step = server.handle(&SERVER, over, query, &mut rng(99));
        assert!(
            matches!(step, ServerStep::Refuse { code: -404, .. }),
            "{step:?}"
        );
    }
    // The steps without their driver know it, too.
    let (state, query) = await_req_dh(&SERVER);
    let late = state.on_message(&SERVER, over, &plain(0, &query), &mut rng(5));
    assert_eq!(late.unwrap_err(), HandshakeError::Expired);

    // A wrong query at each step: -404, and -404 from then on for the right ones.
    for steps in 0..=2 {
        for wrong in [&req_dh[..], &set_dh[..], &[], &[0; 4]] {
            let (mut server, mut rng_s) = start();
            if steps > 0 {
                sent(server.handle(&SERVER, NOW, req_dh, &mut rng_s));
            }
            if steps > 1 {
                server.handle(&SERVER, NOW, set_dh, &mut rng_s);
                server.accept(NOW).unwrap();
            }
            let mut wrong = wrong.to_vec();
            if let Some(last) = wrong.last_mut() {
                *last ^= 1;
            }
            match server.handle(&SERVER, NOW, &wrong, &mut rng_s) {
                ServerStep::Refuse { code: -404, .. } => {}
                step => panic!("{step:?}"),
            }
            for query in [req_pq, req_dh, set_dh] {
                match server.handle(&SERVER, NOW, query, &mut rng_s) {
                    ServerStep::Refuse {
                        code: -404,
                        error: HandshakeError::Poisoned,
                    } => {}
                    step => panic!("{step:?}"),
                }
            }
            assert_eq!(
                server.accept(NOW).unwrap_err(),
                HandshakeError::NothingAwaited
            );
        }
    }
}

#[test]
fn check_14_the_server_checks_factors_g_b_and_says_nothing_of_what_rsa_hides() {
    // p·q = pq, in ascending order, outside and inside.
    let swap = |query: &mut functions::ReqDhParams| std::mem::swap(&mut query.p, &mut query.q);
    let factors = misbehaved(Message::ReqDhParams, PeerMisbehaved::Factors);
    assert_eq!(req_dh_error(swap), factors);
    assert_eq!(req_dh_error(|query| query.p[0] ^= 1), factors);
    assert_eq!(req_dh_error(|query| query.q[0] ^= 1), factors);
    assert_eq!(req_dh_error(|query| query.p.insert(0, 0)), factors);
    let inner = misbehaved(Message::PQInnerData, PeerMisbehaved::InnerFactors);
    assert_eq!(
        inner_error(|data| std::mem::swap(&mut data.p, &mut data.q)),
        inner
    );
    assert_eq!(inner_error(|data| data.pq[0] ^= 1), inner);

    // g_b, as g_a.
    for (value, is_allowed) in publics() {
        let (state, secrets, mut inner) = await_set_dh();
        inner.g_b = value.clone();
        let query = secrets.set_client_dh_params(&inner);
        let outcome = state.on_message(&SERVER, NOW, &query).map(|_| ());
        let expected = match is_allowed {
            true => Ok(()),
            false => Err(misbehaved(Message::ClientDhInnerData, DhError::PublicRange)),
        };
        assert_eq!(outcome, expected, "{value:02x?}");
    }

    // Whatever is wrong under RSA, it is one error: a value above the modulus, another length, another hash, an object that
    // is none, or the padding of old clients.
    let honest = handshake(1, client_config());
    let query: functions::ReqDhParams = object(&honest.messages[2]);
    let data = encode(&inner_data(&private_key(), &query.encrypted_data)).unwrap();
    let no_object = PUBLIC_KEY.encrypt_padded(&data[4..], &mut rng(6)).unwrap();
    let mut flipped = query.encrypted_data.clone();
    flipped[200] ^= 1;
    let mut wrong = vec![
        vec![0xFF; 256],
        vec![0; 256],
        vec![],
        query.encrypted_data[..252].to_vec(),
        no_object.to_vec(),
        flipped,
    ];
    wrong.push(
        PUBLIC_KEY
            .encrypt_legacy(&data, &mut rng(6))
            .unwrap()
            .to_vec(),
    );
    for encrypted_data in wrong {
        let error = req_dh_error(|query| query.encrypted_data = encrypted_data.clone());
        let expected = misbehaved(Message::ReqDhParams, PeerMisbehaved::EncryptedData);
        assert_eq!(error, expected);
        assert_eq!(error.refusal_code(), -404);
    }
}

/// Old clients: inner data without a datacenter, and under the SHA-1 padding.
#[test]
fn check_14_old_clients_are_served_only_where_that_is_allowed() {
    for allow_legacy in [false, true] {
        let config = ServerConfig {
            allow_legacy,
            ..server_config()
        };
        let (_, query) = await_req_dh(&config);
        let enums::PQInnerData::Dc(data) = inner_data(&private_key(), &query.encrypted_data) else {
            panic!("a permanent key of a datacenter")
        };
        let types::PQInnerDataDc {
            pq,
            p,
            q,
            nonce,
            server_nonce,
            new_nonce,
            ..
        } = *data.clone();
        let without_dc = enums::PQInnerData::PQInnerData(Box::new(types::PQInnerData {
            pq: pq.clone(),
            p: p.clone(),
            q: q.clone(),
            nonce,
            server_nonce,
            new_nonce,
        }));
        let temporary = enums::PQInnerData::Temp(Box::new(types::PQInnerDataTemp {
            pq,
            p,
            q,
            nonce,
            server_nonce,
            new_nonce,
            expires_in: 60,
        }));
        for (inner, has_dc) in [
            (without_dc, false),
            (temporary, false),
            (enums::PQInnerData::Dc(data), true),
        ] {
            let bytes = encode(&inner).unwrap();
            let old = PUBLIC_KEY
                .encrypt_legacy(&bytes, &mut rng(6))
                .unwrap()
                .to_vec();
            for (encrypted_data, is_old) in [(encrypt(&inner), false), (old, true)] {
                let (state, mut query) = await_req_dh(&config);
                query.encrypted_data = encrypted_data;
                let outcome = state
                    .on_message(&config, NOW, &plain(0, &query), &mut rng(5))
                    .map(|_| ());
                let expected = match (allow_legacy, is_old, has_dc) {
                    (true, ..) | (_, false, true) => Ok(()),
                    (false, true, _) => Err(misbehaved(
                        Message::ReqDhParams,
                        PeerMisbehaved::EncryptedData,
                    )),
                    (false, false, false) => Err(HandshakeError::PeerIncompatible {
                        message: Message::PQInnerData,
                        error: PeerIncompatible::LegacyInnerData,
                    }),
                };
                assert_eq!(outcome, expected);
            }
        }
    }
}

#[test]
fn check_15_a_key_id_that_is_taken_leads_to_another_key() {
    let (mut rng_c, mut rng_s) = (rng(15), rng(!15));
    let primes = &mut DhPrimeCache::default();
    let (mut client, query) = ClientHandshake::start(client_config(), NOW, &mut rng_c).unwrap();
    let (mut server, mut answer) =
        ServerHandshake::start(&SERVER, NOW, &query, &mut rng_s).unwrap();
    let mut taken = Vec::new();
    let key = loop {
        let query = match client.handle(NOW, &answer, primes, &mut rng_c).unwrap() {
            ClientStep::Send(query) => query,
            ClientStep::Done(done) => break done.key,
            ClientStep::Wait => panic!("no message comes twice"),
        };
        answer = match server.handle(&SERVER, NOW, &query, &mut rng_s) {
            ServerStep::Send(answer) => answer,
            ServerStep::CheckAuthKeyId(id) if taken.len() < 2 => {
                assert!(!taken.contains(&id), "it is another key");
                taken.push(id);
                let answer = server.retry(&SERVER, NOW).unwrap();
                // A repeated proposal gets the same answer, and is not a new one.
                let step = server.handle(&SERVER, NOW, &query, &mut rng(99));
                assert!(matches!(step, ServerStep::Send(again) if again == answer));
                answer
            }
            ServerStep::CheckAuthKeyId(id) => {
                assert!(!taken.contains(&id));
                let (done, answer) = server.accept(NOW).unwrap();
                assert_eq!(done.key.id(), id);
                answer
            }
            step => panic!("{step:?}"),
        };
    };
    assert_eq!(taken.len(), 2);
    assert!(!taken.contains(&key.id()));

    // A client that proposes the key again by another name of the attempt, or the attempts of another exchange.
    let (state, secrets, inner) = await_set_dh();
    let query = secrets.set_client_dh_params(&inner);
    let proposal = state.on_message(&SERVER, NOW, &query).unwrap();
    let (state, _) = proposal.retry(&SERVER, NOW).unwrap();
    let error = state.unwrap().on_message(&SERVER, NOW, &query).unwrap_err();
    assert_eq!(
        error,
        misbehaved(Message::ClientDhInnerData, PeerMisbehaved::RetryId)
    );

    // Not for ever: dh_gen_fail.
    let (state, secrets, mut inner) = await_set_dh();
    let mut state = Some(state);
    let mut answers = 0;
    while let Some(awaiting) = state.take() {
        let query = secrets.set_client_dh_params(&inner);
        let proposal = awaiting.on_message(&SERVER, NOW, &query).unwrap();
        let (next, answer) = proposal.retry(&SERVER, NOW).unwrap();
        answers += 1;
        assert!(answers <= SERVER.max_attempts);
        match object(&answer) {
            enums::SetClientDhParamsAnswer::DhGenRetry(_) => {
                // The forged client proposes the same g_b, under the right name.
                inner.retry_id = retry_id(&secrets, &answer, &inner);
                state = next;
            }
            enums::SetClientDhParamsAnswer::DhGenFail(_) => assert!(next.is_none()),
            answer => panic!("{answer:?}"),
        }
    }
    assert_eq!(answers, SERVER.max_attempts);
}

/// `auth_key_aux_hash` of a key that was not told: the server's `a` is drawn from `rng(5)`.
fn retry_id(secrets: &Secrets, answer: &[u8], inner: &types::ClientDhInnerData) -> i64 {
    let a: [u8; 256] = rng_bytes(5, 256).try_into().unwrap();
    let key = group(3)
        .shared(&DhSecret::from_bytes(&a), &inner.g_b)
        .unwrap();
    let enums::SetClientDhParamsAnswer::DhGenRetry(retry) = object(answer) else {
        panic!("no dh_gen_retry")
    };
    let hash = key.new_nonce_hash(&secrets.new_nonce, 2);
    assert_eq!(retry.new_nonce_hash2.0, hash);
    key.aux_hash() as i64
}
