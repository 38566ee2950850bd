//! Reads a request's body into one buffer, which has its size from the start when the peer tells it.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
};

use axum::body::{Body, HttpBody};

use super::BODY_BYTES;

/// A body that was not read to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    #[error("the body has more than {BODY_BYTES} bytes")]
    TooLarge,
    #[error("the body did not come to its end: {0}")]
    Cut(#[from] axum::Error),
}

/// All of a body, up to `BODY_BYTES`. What is said to be longer is not read at all.
pub(super) async fn read(body: Body) -> Result<Vec<u8>, BodyError> {
    // No more than was promised is ever sent, and pages that nothing is written to take no memory.
    let promised = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut bytes = Vec::with_capacity(within(promised)?);
    let mut body = pin!(body);
    while let Some(frame) = poll_fn(|context| Pin::as_mut(&mut body).poll_frame(context)).await {
        // Trailers say nothing here.
        if let Ok(data) = frame?.into_data() {
            within(bytes.len().saturating_add(data.len()))?;
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

fn within(length: usize) -> Result<usize, BodyError> {
    if length <= BODY_BYTES { Ok(length) } else { Err(BodyError::TooLarge) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_is_read_whole_or_not_at_all() {
        for (length, fits) in [(0, true), (1, true), (BODY_BYTES, true), (BODY_BYTES + 1, false)] {
            let read = read(Body::from(vec![b' '; length])).await;
            assert_eq!(read.is_ok(), fits, "{length}");
            assert!(
                read.is_err() || read.is_ok_and(|bytes| bytes.len() == length && bytes.capacity() == length)
            );
        }
    }
}
