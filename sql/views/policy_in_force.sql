-- grain:   one row
-- key:     id
-- sources: analytics_policy
-- tier:    every refresh, first
-- The policy as the refresh found it: an edit in between shows everywhere at once, or nowhere.
select * from analytics_policy
