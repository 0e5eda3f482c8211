-- grain:   one row
-- key:     id
-- sources: analytics_policy
-- tier:    base
-- The policy as the base found it: an edit shows everywhere at once, or nowhere.
select * from analytics_policy
